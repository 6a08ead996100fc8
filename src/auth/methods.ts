/** The authentication methods in use: `[auth] methods`, each with the plugin that `[auth] <method>` names. */
import { Unauthorized, ValidationError } from '../common/errors.js';
import { getLogger } from '../common/log/index.js';
import type { Conf } from '../conf/index.js';
import type { Providers } from '../subsystems/providers.js';
import type { AuthMethod, CreateAuthMethod } from './auth_method.js';
import { packagePlugin } from './package_plugin.js';

type LoadPlugin = () => Promise<CreateAuthMethod>;

/** Built-in plugins by method and plugin name, as Keystone's entry points name them. */
const PLUGINS: Readonly<Record<string, Readonly<Record<string, LoadPlugin>>>> = {
  password: { default: async () => (await import('./plugins/password.js')).createMethod },
  token: { default: async () => (await import('./plugins/token.js')).createMethod },
  external: {
    default: async () => (await import('./plugins/external.js')).defaultDomain,
    DefaultDomain: async () => (await import('./plugins/external.js')).defaultDomain,
    Domain: async () => (await import('./plugins/external.js')).domain,
    Kerberos: async () => (await import('./plugins/external.js')).kerberosDomain,
    KerberosDomain: async () => (await import('./plugins/external.js')).kerberosDomain,
  },
  kerberos: { default: async () => (await import('./plugins/external.js')).kerberosDomain },
  oauth1: { default: async () => (await import('./plugins/oauth1.js')).createMethod },
  totp: { default: async () => (await import('./plugins/totp.js')).createMethod },
};

/** Methods of federation and of later releases: accepted in `[auth] methods`, and refused when a client uses them. */
const WITHOUT_BACK_END: ReadonlySet<string> = new Set([
  'saml2',
  'openid',
  'x509',
  'mapped',
  'application_credential',
  'oauth2_credential',
]);

const log = getLogger('keystone.auth');

export type AuthMethods = ReadonlyMap<string, AuthMethod>;

/**
 * Load the plugins of all configured methods.
 * @param plugin name of the plugin of a method (`[auth] <method>`), null for its default
 * @param folders where npm packages with plugins may be installed
 * @param placeOf where an option stands, as `file:line`; empty when it is not set in a file
 * @throws Error naming file, line and method: the plugin is not known (with the valid ones), or not what is asked of one
 */
export async function loadAuthMethods(
  conf: Conf,
  providers: Providers,
  plugin: (method: string) => string | null,
  folders: readonly string[],
  placeOf: (section: string, option: string) => string,
): Promise<AuthMethods> {
  const methods = new Map<string, AuthMethod>();
  for (const name of conf.auth.methods) {
    if (WITHOUT_BACK_END.has(name) && plugin(name) === null) {
      log.warn(`[auth] methods: ${name} is not available in this release; clients that use it are refused`);
      continue;
    }
    const place = placeOf('auth', name);
    const option = `${place === '' ? '' : `${place}: `}[auth] ${name}`;
    const create = await loadPlugin(name, plugin(name) ?? 'default', folders, option);
    methods.set(
      name,
      await create({
        conf,
        providers,
        name,
        refuse: (reason) => {
          throw new Unauthorized(reason);
        },
        malformed: (attribute) => {
          throw new ValidationError({ attribute, target: name });
        },
      }),
    );
  }
  return methods;
}

async function loadPlugin(
  method: string,
  plugin: string,
  folders: readonly string[],
  option: string,
): Promise<CreateAuthMethod> {
  const own = Object.hasOwn(PLUGINS, method) ? PLUGINS[method] : undefined;
  const builtIn = own !== undefined && Object.hasOwn(own, plugin) ? own[plugin] : undefined;
  if (builtIn !== undefined) return builtIn();
  const installed = await packagePlugin(method, plugin, folders, option);
  if (installed !== null) return installed;
  const names = Object.keys(own ?? {}).sort();
  throw new Error(
    `${option} = ${plugin}: there is no such authentication plugin, and no npm package of that name is` +
      ` installed; ${names.length === 0 ? 'no plugin for the method is built in' : `built in are: ${names.join(', ')}`}`,
  );
}
