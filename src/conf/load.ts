/** Which files make up the configuration, and loading it from them, the environment and the command line. */
import { resolve } from 'node:path';
import {
  absolutePath,
  type ConfigSource,
  readSources,
  searchFolders,
  standardSources,
} from '../common/config/locations.js';
import { Loaded, orConfError } from './loaded.js';
import type { LoadConfOptions, LoadedConf } from './types.js';

/** The files are keystone.conf and keystone.conf.d, in folders of this name among others. */
export const PROJECT = 'keystone';

/**
 * The file sources that the environment names in the way of later releases, which had them there for mod_wsgi and
 * uwsgi: `OS_KEYSTONE_CONFIG_FILES` (with semicolons between them), beneath `OS_KEYSTONE_CONFIG_DIR`.
 */
function environmentSources(env: NodeJS.ProcessEnv): ConfigSource[] {
  const folder = env['OS_KEYSTONE_CONFIG_DIR']?.trim() ?? '';
  const files = (env['OS_KEYSTONE_CONFIG_FILES'] ?? '').split(';').map((file) => file.trim());
  const named = files.filter((file) => file !== '');
  const all = folder !== '' && named.length === 0 ? [`${PROJECT}.conf`] : named;
  return all.map((file) => ({ kind: 'file', path: resolve(absolutePath(folder, env), file) }));
}

interface Sources {
  /** In the order in which they are read. */
  readonly all: readonly ConfigSource[];
  /** Those beside which other files are looked for: all but the standard folder. */
  readonly searched: readonly ConfigSource[];
}

/** The files and folders of the command line, and before them the standard ones of the kinds that it does not name. */
function sourcesOf(options: LoadConfOptions, env: NodeJS.ProcessEnv): Sources {
  const named = options.sources ?? [
    ...(options.configFiles ?? []).map((path): ConfigSource => ({ kind: 'file', path })),
    ...(options.configDirs ?? []).map((path): ConfigSource => ({ kind: 'dir', path })),
  ];
  const names = (kind: ConfigSource['kind']): boolean => named.some((source) => source.kind === kind);
  const standard = standardSources(PROJECT, env);
  const inEnvironment = environmentSources(env);
  const files = names('file') ? [] : inEnvironment.length > 0 ? inEnvironment : standard.file;
  const folders = names('dir') ? [] : standard.dir;
  return { all: [...files, ...folders, ...named], searched: [...files, ...named] };
}

/**
 * Load the configuration of the service.
 *
 * @throws ConfError when a file is missing or cannot be read, or a value is not allowed
 */
export function loadConf(options: LoadConfOptions = {}): LoadedConf {
  const env = options.env ?? process.env;
  return orConfError(() => {
    const { all, searched } = sourcesOf(options, env);
    const files = readSources(all, env);
    const notes = files.length === 0 ? ['no configuration file was found: every option has its default'] : [];
    const overrides = options.overrides ?? {};
    return new Loaded({ files, env, overrides }, searchFolders(searched, PROJECT, env), notes);
  });
}
