import { ConfError, type LoadedConf } from '../conf/index.js';
import type { Output } from '../server/output.js';
import { EXIT, type ManageCommand } from './command.js';
import { inspectConfiguration } from './preflight/configuration.js';
import { inspectDatabase } from './preflight/database.js';
import { type Area, type Level, problem } from './preflight/finding.js';
import { inspectKeys } from './preflight/keys.js';
import { inspectPipelines } from './preflight/pipelines.js';
import { inspectPolicy } from './preflight/policy.js';

interface PreflightOptions {
  readonly json?: true;
}

const LEVELS: readonly Level[] = ['used', 'differs', 'ignored', 'problem'];

async function inspect(loadConf: () => LoadedConf): Promise<readonly Area[]> {
  let loaded: LoadedConf;
  try {
    loaded = loadConf();
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    return [{ name: 'configuration', findings: error.problems.map(({ message }) => problem(message)) }];
  }
  return [
    { name: 'configuration', findings: await inspectConfiguration(loaded) },
    { name: 'pipelines', findings: await inspectPipelines(loaded) },
    { name: 'policy', findings: await inspectPolicy(loaded) },
    { name: 'keys', findings: await inspectKeys(loaded) },
    { name: 'database', findings: await inspectDatabase(loaded) },
  ];
}

function print(areas: readonly Area[], output: Output): void {
  for (const { name, findings } of areas) {
    output.line(name);
    for (const level of LEVELS) {
      for (const finding of findings.filter((each) => each.level === level)) {
        output.line(`  ${level.padEnd(8)} ${finding.text}`);
      }
    }
  }
  const count = (level: Level): number =>
    areas.flatMap(({ findings }) => findings).filter((finding) => finding.level === level).length;
  output.line(`${count('problem')} problems, ${count('differs')} differences, ${count('ignored')} ignored`);
}

export const preflight: ManageCommand = {
  name: 'preflight',
  summary: 'look at an existing Keystone deployment before it is taken over',
  details:
    'Read configuration, paste file, policy, keys and database of a Keystone, from Newton to Zed, and list what of it' +
    ' is used here, what differs, what would be ignored and what has to be put right first. Nothing is changed: the' +
    ' database is only read, and the other Keystone may go on serving.' +
    '\n\nThe exit status is 1 when there are problems.',
  examples: [
    ['preflight', 'the deployment of /etc/keystone/keystone.conf'],
    ['--config-file /tmp/copy/keystone.conf preflight --json', 'another one, for a program to read'],
  ],
  configure(command, run) {
    command.option('--json', 'print a JSON document').action(({ json }: PreflightOptions) =>
      run(async ({ loadConf, output }) => {
        const areas = await inspect(loadConf);
        if (json === true)
          output.line(
            JSON.stringify(Object.fromEntries(areas.map(({ name, findings }) => [name, findings])), null, 2),
          );
        else print(areas, output);
        const wrong = areas.some(({ findings }) => findings.some(({ level }) => level === 'problem'));
        return wrong ? EXIT.failure : EXIT.success;
      }),
    );
  },
};
