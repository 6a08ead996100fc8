import { resolve } from 'node:path';
import { type Conf, domainConfOf, type LoadedConf, loadDomainConf } from '../conf/index.js';
import { domainConfigFiles } from '../server/domain_config_files.js';
import { CommandError, EXIT, type ManageCommand } from './command.js';
import { checkSignIn, checkSteps } from './ldap_check/steps.js';
import { domainIdOf, withServices } from './services.js';

interface LdapCheckOptions {
  readonly domainName?: string;
  readonly user?: string;
}

/** Where a password for --user comes from: never from the command line, which everybody can read. */
const PASSWORD_VARIABLE = 'KEYSTONE_LDAP_CHECK_PASSWORD';

const MARKS = { works: 'works  ', fails: 'FAILS  ', unknown: 'unknown' } as const;

/** The configuration of a domain's directory, and where it was found. */
async function directoryOf(loaded: LoadedConf, domainName: string | undefined): Promise<[Conf, string]> {
  const { identity } = loaded.conf;
  if (domainName === undefined) return [loaded.conf, '[ldap] of the main configuration'];
  if (!identity.domain_specific_drivers_enabled) {
    throw new CommandError(
      '[identity] domain_specific_drivers_enabled is false: no domain has a directory of its own',
    );
  }
  if (identity.domain_configurations_from_database) {
    return withServices(loaded, async (services) => {
      const domainId = await domainIdOf(services, domainName);
      if ((await services.providers.domainConfig.revision(domainId)) === null) {
        throw new CommandError(`the database holds no configuration of domain ${domainName}`);
      }
      const stored = await services.providers.domainConfig.getConfigWithSecrets(domainId);
      return [domainConfOf(stored as Parameters<typeof domainConfOf>[0]).conf, 'the database'];
    });
  }
  const files = await domainConfigFiles(identity.domain_config_dir).catch((error: unknown) => {
    throw new CommandError(`[identity] domain_config_dir = ${identity.domain_config_dir} cannot be read`, {
      cause: error,
    });
  });
  const found = files.find((file) => file.domainName === domainName);
  if (found === undefined) {
    throw new CommandError(
      `there is no file keystone.${domainName}.conf in ${resolve(identity.domain_config_dir)}`,
    );
  }
  return [loadDomainConf(found.file).conf, found.file];
}

export const ldapCheck: ManageCommand = {
  name: 'ldap_check',
  summary: 'show step by step what works of a directory',
  details:
    'Connect to the LDAP directory as configured and show what works: connection, TLS, bind, a search for a user, the' +
    ' attributes of the one that is found, a search for a group, and who is in it. For what fails it names the option' +
    ' to change. Nothing is written to the directory.' +
    `\n\nWith --user a sign-in is tried too; the password is read from the variable ${PASSWORD_VARIABLE}.` +
    '\n\nThe exit status is 1 when something fails.',
  examples: [
    ['ldap_check', 'the directory of the main configuration'],
    ['ldap_check --domain-name Staff', 'that of a domain, from its file or from the database'],
    ['ldap_check --user alice', `also sign in as alice, with the password in ${PASSWORD_VARIABLE}`],
  ],
  configure(command, run) {
    command
      .option('--domain-name <name>', 'look at the directory of this domain')
      .option('--user <name>', 'try to sign in as this user')
      .action(({ domainName, user }: LdapCheckOptions) =>
        run(async ({ loadConf, output, env }) => {
          const [conf, place] = await directoryOf(loadConf(), domainName);
          if (conf.identity.driver !== 'ldap') {
            throw new CommandError(`${place}: [identity] driver is ${conf.identity.driver}, not ldap`);
          }
          const password = env[PASSWORD_VARIABLE];
          if (user !== undefined && password === undefined) {
            throw new CommandError(`--user needs the password in the variable ${PASSWORD_VARIABLE}`, {
              exitCode: EXIT.usage,
            });
          }
          output.line(`configuration: ${place}`);
          let failed = false;
          const show = ({ step, result, detail, advice }: Awaited<ReturnType<typeof checkSignIn>>): void => {
            failed ||= result === 'fails';
            output.line(`${MARKS[result]} ${step}: ${detail}`);
            if (advice !== null) output.line(`        change: ${advice}`);
          };
          for await (const step of checkSteps(conf.ldap)) show(step);
          if (user !== undefined && !failed) show(await checkSignIn(conf.ldap, user, password ?? ''));
          return failed ? EXIT.failure : EXIT.success;
        }),
      );
  },
};
