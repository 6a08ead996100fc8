import { Option } from 'commander';
import { dbVersion } from '../common/sql/index.js';
import type { ManageCommand } from './command.js';
import { refuseExtension, withDatabase } from './database.js';

export const dbVersionCommand: ManageCommand = {
  name: 'db_version',
  summary: 'show the version of the schema',
  details:
    'Print the version of the schema as Newton counts it: 109 when all tables are there, 0 for an empty database. What' +
    ' is left to be done is said on stderr.',
  examples: [['db_version', 'prints 109 after db_sync']],
  configure(command, run) {
    command
      .addOption(new Option('--extension <name>').hideHelp())
      .action(({ extension }: { readonly extension?: string }) =>
        run(async ({ loadConf, output }) => {
          refuseExtension(extension);
          const { version, complete, phases } = await withDatabase(loadConf(), dbVersion);
          output.line(String(version));
          if (complete) return;
          const next = Object.entries(phases).find(([, last]) => last === null)?.[0];
          const option = version === 0 || next === undefined ? '' : ` (or its next phase, --${next})`;
          output.note(`note: the schema is not complete: run keystone-manage db_sync${option}`);
        }),
      );
  },
};
