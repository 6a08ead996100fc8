import { readFile } from 'node:fs/promises';
import { parseConfigText } from '../common/config/file.js';
import { DomainNotFound } from '../common/errors.js';
import { type DomainConfigFile, domainConfigFiles } from '../server/domain_config_files.js';
import { describeError, type Output } from '../server/output.js';
import type { Services } from '../server/services.js';
import { CommandError, EXIT, type ManageCommand } from './command.js';
import { withServices } from './services.js';

interface Options {
  readonly all?: true;
  readonly domainName?: string;
}

type Outcome = 'uploaded' | 'skipped' | 'failed';

/** The options that a file sets, by section: the last of several values, as for any configuration file. */
async function readOptions(file: string): Promise<Record<string, Record<string, string>>> {
  const { sections } = parseConfigText(await readFile(file, 'utf8'), file);
  return Object.fromEntries(
    [...sections].map(([section, options]) => [
      section,
      Object.fromEntries([...options].map(([name, values]) => [name, values.at(-1)?.text ?? ''])),
    ]),
  );
}

async function upload(
  { providers }: Services,
  { file, domainName }: DomainConfigFile,
  output: Output,
): Promise<Outcome> {
  try {
    const { id } = await providers.resource.getDomainByName(domainName);
    if ((await providers.domainConfig.revision(id)) !== null) {
      output.note(`${file}: domain ${domainName} has a configuration in the database already: left as it is`);
      return 'skipped';
    }
    await providers.domainConfig.createConfig(id, await readOptions(file));
  } catch (error) {
    if (error instanceof DomainNotFound) {
      output.note(`${file}: there is no domain of the name ${domainName}: ignored`);
      return 'skipped';
    }
    output.note(`${file}: ${describeError(error)}`);
    return 'failed';
  }
  output.line(`${file}: now the configuration of domain ${domainName}`);
  return 'uploaded';
}

async function filesOf(folder: string, domainName: string | undefined): Promise<DomainConfigFile[]> {
  let files: DomainConfigFile[];
  try {
    files = await domainConfigFiles(folder);
  } catch (error) {
    throw new CommandError(
      `[identity] domain_config_dir = ${folder} cannot be read: ${describeError(error)}`,
      {
        cause: error,
      },
    );
  }
  if (domainName === undefined) return files;
  const found = files.filter((file) => file.domainName === domainName);
  if (found.length > 0) return found;
  throw new CommandError(`there is no file keystone.${domainName}.conf in ${folder} or beneath`);
}

export const domainConfigUpload: ManageCommand = {
  name: 'domain_config_upload',
  summary: 'take the configuration files of domains into the database',
  details:
    'Read keystone.DOMAIN.conf from [identity] domain_config_dir and store what it sets where the domain configuration' +
    ' API keeps it. Services use it with [identity] domain_configurations_from_database = true. A domain that has a' +
    ' configuration in the database keeps it. Only options that the API takes may be set: driver and list_limit of' +
    ' [identity], and most of [ldap]. The files may be deleted afterwards.',
  examples: [
    ['domain_config_upload --domain-name Staff', 'keystone.Staff.conf alone'],
    ['domain_config_upload --all', 'all files of the folder and those beneath'],
  ],
  configure(command, run) {
    command
      .option('--all', 'take the files of all domains')
      .option('--domain-name <name>', 'take the file of this domain')
      .action((options: Options) =>
        run(async ({ loadConf, output }) => {
          if ((options.all === true) === (options.domainName !== undefined)) {
            throw new CommandError('give either --all or --domain-name');
          }
          const loaded = loadConf();
          const files = await filesOf(loaded.conf.identity.domain_config_dir, options.domainName);
          return withServices(loaded, async (services) => {
            const outcomes: Outcome[] = [];
            for (const file of files) outcomes.push(await upload(services, file, output));
            const failed = outcomes.includes('failed');
            const missed = options.domainName !== undefined && !outcomes.includes('uploaded');
            return failed || missed ? EXIT.failure : EXIT.success;
          });
        }),
      );
  },
};
