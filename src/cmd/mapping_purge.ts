import { Option } from 'commander';
import type { MappingFilter } from '../subsystems/id_mapping/types.js';
import { CommandError, type ManageCommand } from './command.js';
import { progressLines } from './progress.js';
import { domainIdOf, withServices } from './services.js';

interface Options {
  readonly all?: true;
  readonly domainName?: string;
  readonly publicId?: string;
  readonly localId?: string;
  readonly type?: 'user' | 'group';
  readonly dryRun?: true;
}

const SELECTORS = ['domainName', 'publicId', 'localId', 'type'] as const;

/** It would be too easy to purge everything by saying nothing. @throws CommandError */
function assertSelected(options: Options): void {
  const selects = SELECTORS.some((name) => options[name] !== undefined);
  if (options.all === undefined && !selects) {
    throw new CommandError(
      'say which mappings to purge: at least one of --domain-name, --public-id, --local-id and --type, or --all',
    );
  }
  if (options.all === true && selects) throw new CommandError('--all cannot be given with other selectors');
}

export const mappingPurge: ManageCommand = {
  name: 'mapping_purge',
  summary: 'delete public ids of users and groups of directories',
  details:
    'Delete rows of the table of public ids: those that meet all given selectors. Users and groups get the same public' +
    ' ids again when they are next seen, as long as the generator is the same; so this is for entities that are gone' +
    ' from their directory, and for domains that have moved to another backend. Roles, projects and credentials of' +
    ' the entities stay where they are. Give --dry-run first.',
  examples: [
    [
      'mapping_purge --domain-name Staff --type group --dry-run',
      'how many groups of the domain have a public id',
    ],
    ['mapping_purge --domain-name Staff --local-id jdoe --type user', 'one user, by the id in the directory'],
    ['mapping_purge --public-id 3d65ab...', 'one user or group, by the id that clients see'],
    ['mapping_purge --all', 'everything'],
  ],
  configure(command, run) {
    command
      .option('--all', 'purge all mappings')
      .option('--domain-name <name>', 'purge mappings of this domain')
      .option('--public-id <id>', 'purge the mapping of this public id')
      .option('--local-id <id>', 'purge mappings of this id of a directory')
      .addOption(new Option('--type <type>', 'purge mappings of this type').choices(['user', 'group']))
      .option('--dry-run', 'only say how many there are')
      .action((options: Options) =>
        run(async ({ loadConf, output }) => {
          assertSelected(options);
          await withServices(loadConf(), async (services) => {
            const { domainName, publicId, localId, type } = options;
            const filter: MappingFilter = {
              ...(domainName !== undefined && { domainId: await domainIdOf(services, domainName) }),
              ...(publicId !== undefined && { publicId }),
              ...(localId !== undefined && { localId }),
              ...(type !== undefined && { type }),
            };
            const { idMapping } = services.providers;
            if (options.dryRun === true) {
              output.line(`${await idMapping.count(filter)} mapping(s) would be deleted`);
              return;
            }
            const report = progressLines(output);
            const count = await idMapping.purge(filter, (done) =>
              report(() => `${done} mappings deleted so far`),
            );
            output.line(`${count} mapping(s) deleted`);
          });
        }),
      );
  },
};
