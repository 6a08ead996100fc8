import { type Command, Option } from 'commander';
import { requireSchema } from '../server/schema.js';
import { type BootstrapSettings, bootstrap } from './bootstrap_steps.js';
import { CommandError, type ManageCommand } from './command.js';

interface Setting {
  readonly key: keyof BootstrapSettings;
  /** Of the option after `--bootstrap-` and of the variable after `OS_BOOTSTRAP_`. */
  readonly name: string;
  readonly default?: string;
  readonly help: string;
}

const SETTINGS: readonly Setting[] = [
  { key: 'username', name: 'username', default: 'admin', help: 'name of the first user' },
  {
    key: 'password',
    name: 'password',
    help: 'password of that user; better given as OS_BOOTSTRAP_PASSWORD, as everybody can see a command line',
  },
  { key: 'projectName', name: 'project-name', default: 'admin', help: 'name of the first project' },
  { key: 'roleName', name: 'role-name', default: 'admin', help: 'role that the user gets on the project' },
  {
    key: 'serviceName',
    name: 'service-name',
    default: 'keystone',
    help: 'name of the identity service in the catalog',
  },
  { key: 'adminUrl', name: 'admin-url', help: 'admin endpoint, e.g. http://127.0.0.1:35357/v3' },
  { key: 'publicUrl', name: 'public-url', help: 'public endpoint, e.g. http://127.0.0.1:5000/v3' },
  { key: 'internalUrl', name: 'internal-url', help: 'internal endpoint, e.g. http://127.0.0.1:5000/v3' },
  { key: 'regionId', name: 'region-id', help: 'region of the endpoints' },
];

function variable({ name }: Setting): string {
  return `OS_BOOTSTRAP_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The environment goes before the command line, as in Keystone; an empty variable is none. */
function readSettings(options: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): BootstrapSettings {
  const value = (setting: Setting): string | null => {
    const given = env[variable(setting)];
    if (given !== undefined && given !== '') return given;
    return options[setting.key] ?? null;
  };
  const values = Object.fromEntries(SETTINGS.map((setting) => [setting.key, value(setting)]));
  const { password } = values;
  if (password === null || password === undefined || password === '') {
    throw new CommandError('a password is needed: set OS_BOOTSTRAP_PASSWORD or give --bootstrap-password');
  }
  // Every key has been filled above, those that may not be null from their defaults.
  return values as unknown as BootstrapSettings;
}

function declare(command: Command): void {
  for (const setting of SETTINGS) {
    const option = new Option(
      `--bootstrap-${setting.name} <value>`,
      `${setting.help} (${variable(setting)})`,
    );
    option.attributeName = () => setting.key;
    command.addOption(setting.default === undefined ? option : option.default(setting.default));
  }
}

export const bootstrapCommand: ManageCommand = {
  name: 'bootstrap',
  summary: 'create the first user, project, role and endpoints',
  details:
    'Make sure that the default domain, a project, a user with a role on it, and the endpoints of the identity service' +
    ' exist. What is there already stays as it is, except that the user is enabled and gets the given password: so this' +
    ' is also the way back in when nobody knows the password of the administrator any more. Every setting can be given' +
    ' in the environment, which goes before the command line.',
  examples: [
    [
      'bootstrap --bootstrap-region-id RegionOne --bootstrap-public-url https://cloud.example.org:5000/v3',
      'with the password in OS_BOOTSTRAP_PASSWORD',
    ],
  ],
  configure(command, run) {
    declare(command);
    command.action((options: Readonly<Record<string, string>>) =>
      run(async ({ loadConf, output, env }) => {
        const settings = readSettings(options, env);
        const loaded = loadConf();
        const { createServices } = await import('../server/services.js');
        const services = await createServices(loaded, { cached: false });
        try {
          await requireSchema(services.database);
          await bootstrap(services, settings, (text) => output.line(text));
        } finally {
          await services.close();
        }
      }),
    );
  },
};
