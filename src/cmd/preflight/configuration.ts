/** Which options count, and which are set in vain. */
import type { ConfigValue } from '../../common/config/declaration.js';
import type { LoadedConf } from '../../conf/index.js';
import { namedDrivers } from '../../server/driver_names.js';
import { describeError } from '../../server/output.js';
import { checkServiceLog } from '../../server/service_log.js';
import { domainFilesInUse } from '../domain_files.js';
import { differs, type Finding, ignored, problem, used } from './finding.js';

/** Defaults that changed after Newton, for whoever never set them. */
const CHANGED_DEFAULTS = [
  { section: 'token', name: 'provider', later: 'fernet since Ocata' },
  { section: 'DEFAULT', name: 'max_token_size', later: '255 in Zed' },
  { section: 'oslo_policy', name: 'policy_file', later: 'policy.yaml since Xena' },
] as const;

function placeOf(origin: LoadedConf['settings'][number]['origin']): string {
  if (typeof origin === 'object') return `${origin.file}:${origin.line}`;
  return origin === 'env' ? 'environment' : 'command line';
}

export async function inspectConfiguration(loaded: LoadedConf): Promise<readonly Finding[]> {
  const { conf, files, notes, settings } = loaded;
  const inVain = new Set(loaded.ignored);
  const domains = await domainFilesInUse(conf);
  const isSet = (section: string, name: string): boolean =>
    settings.some((setting) => setting.section === section && setting.name === name);
  return [
    ...[...files, ...domains.loaded.map(({ file }) => file)].map((file) => used(`file ${file}`)),
    ...[...domains.problems, ...problemsOfLog(loaded)].map(problem),
    ...settings.map(({ section, name, value, origin }) =>
      used(`[${section}] ${name} = ${value === null ? '(not shown)' : textOf(value)} (${placeOf(origin)})`),
    ),
    ...notes.filter((note) => !inVain.has(note)).map(differs),
    ...CHANGED_DEFAULTS.filter(({ section, name }) => !isSet(section, name)).map(
      ({ section, name, later }) => {
        const own = (conf[section] as Readonly<Record<string, unknown>>)[name];
        return differs(`[${section}] ${name} is not set: ${String(own)} here, as in Newton; ${later}`);
      },
    ),
    ...namedDrivers(conf)
      .filter(({ isBuiltIn }) => !isBuiltIn)
      .map(({ option, name }) =>
        differs(`${option} = ${name} is not built in: an npm package has to offer it`),
      ),
    ...domains.loaded.flatMap(({ conf: { notes: ofDomain, ignored: vain } }) =>
      ofDomain.map((note) => (vain.includes(note) ? ignored(note) : differs(note))),
    ),
    ...loaded.ignored.map(ignored),
  ];
}

function problemsOfLog(loaded: LoadedConf): readonly string[] {
  try {
    checkServiceLog(loaded);
    return [];
  } catch (error) {
    return [describeError(error)];
  }
}

function textOf(value: ConfigValue): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
