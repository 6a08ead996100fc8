import { Option } from 'commander';
import { type DatabaseVersion, dbSync, dbVersion, type Phase } from '../common/sql/index.js';
import { CommandError, EXIT, type ManageCommand } from './command.js';
import { refuseExtension, withDatabase } from './database.js';

interface DbSyncOptions {
  readonly extension?: string;
  readonly expand?: true;
  readonly migrate?: true;
  readonly contract?: true;
  readonly check?: true;
}

/** Exit statuses of `--check`, those of later releases: scripts go by them. */
const LEFT_TO_DO = { expand: 2, migrate: 3, contract: 4 } as const satisfies Record<Phase, number>;

/** Newton's last version, the only one that its version numbers are kept for. */
const ONLY_VERSION = 109;

function phaseOf({ expand, migrate, contract }: DbSyncOptions): Phase | undefined {
  if (expand === true) return 'expand';
  if (migrate === true) return 'migrate';
  return contract === true ? 'contract' : undefined;
}

/** The phase that comes next; null when all is done. */
function nextPhase({ complete, phases }: DatabaseVersion): Phase | null {
  if (complete) return null;
  const open = (['expand', 'migrate', 'contract'] as const).find((phase) => phases[phase] === null);
  // Steps that came with a later release of ours.
  return open ?? 'expand';
}

/** @throws CommandError when the schema cannot be brought to that version */
function checkVersion(text: string, current: number): void {
  if (!/^\d+$/.test(text)) throw new CommandError(`version ${text}: a whole number is needed`);
  const wanted = Number(text);
  if (wanted < current) {
    throw new CommandError(`the database has version ${current}: it cannot go back to version ${wanted}`);
  }
  if (wanted !== ONLY_VERSION) {
    throw new CommandError(
      `version ${wanted}: there is only version ${ONLY_VERSION}; leave it out for everything`,
    );
  }
}

export const dbSyncCommand: ManageCommand = {
  name: 'db_sync',
  summary: 'create the tables, or bring those of an older release to the present schema',
  details:
    'Bring the database of [database] connection to the present schema: an empty one, or one of Keystone from Newton to' +
    ' Zed. May be run again at any time; make a backup before the first time on an existing database.' +
    '\n\nFor an upgrade without an interruption, run the three phases one by one: --expand while the old release still' +
    ' serves, --migrate before the first node of the new one, --contract after the last node of the old one has gone.' +
    '\n\nWith --check nothing is changed: the exit status says what comes next, 2 for --expand, 3 for --migrate, 4 for' +
    ' --contract, and 0 when there is nothing left to do.' +
    '\n\nWith the version 109 only the tables are made, as --expand does. There are no other versions, and no way back.',
  examples: [
    ['db_sync', 'everything, while no service runs on the database'],
    ['db_sync --expand', 'the first of three phases while the old release serves'],
    ['db_sync --check', 'what is left to do'],
  ],
  configure(command, run) {
    command
      .argument('[version]', 'schema version to stop at')
      .addOption(new Option('--expand', 'add what is missing').conflicts(['migrate', 'contract']))
      .addOption(new Option('--migrate', 'bring the data along').conflicts(['expand', 'contract']))
      .addOption(
        new Option('--contract', 'tighten what older releases need loose').conflicts(['expand', 'migrate']),
      )
      .addOption(
        new Option('--check', 'change nothing, say what is left to do').conflicts([
          'expand',
          'migrate',
          'contract',
        ]),
      )
      .addOption(new Option('--extension <name>').hideHelp())
      .action((version: string | undefined, options: DbSyncOptions) =>
        run(async ({ loadConf, output }) => {
          refuseExtension(options.extension);
          return withDatabase(loadConf(), async (database) => {
            if (options.check === true) {
              const next = nextPhase(await dbVersion(database));
              output.line(
                next === null ? 'The schema is complete' : `Next: keystone-manage db_sync --${next}`,
              );
              return next === null ? EXIT.success : LEFT_TO_DO[next];
            }
            const phase = phaseOf(options) ?? (version === undefined ? undefined : 'expand');
            if (version !== undefined) checkVersion(version, (await dbVersion(database)).version);
            await dbSync(database, {
              ...(phase !== undefined && { phase }),
              onProgress: (text) => output.line(text),
            });
            const { complete } = await dbVersion(database);
            output.line(complete ? 'The schema is complete' : 'This phase is complete');
            return EXIT.success;
          });
        }),
      );
  },
};
