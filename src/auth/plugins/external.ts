/**
 * Method `external`: the front web server has authenticated the user (REMOTE_USER). Plugins of this file:
 * DefaultDomain (also `default`), Domain (REMOTE_DOMAIN) and Kerberos (Domain, with `Negotiate` required).
 */
import { NotFound, Unauthorized } from '../../common/errors.js';
import type { AuthMethod, AuthMethodContext, CreateAuthMethod } from '../auth_method.js';

interface Options {
  /** Take the domain from REMOTE_DOMAIN, where the web server gives one. */
  readonly remoteDomain: boolean;
  readonly negotiateOnly: boolean;
}

function external(options: Options): CreateAuthMethod {
  return ({ conf, providers }: AuthMethodContext): AuthMethod => ({
    repeatable: true,
    async authenticate(request) {
      const { remote } = request.context;
      if (remote === null) throw new Unauthorized('No authenticated user');
      if (options.negotiateOnly && remote.authType !== 'Negotiate') {
        throw new Unauthorized('auth_type is not Negotiate');
      }
      const domainId =
        options.remoteDomain && remote.domain !== null
          ? (await providers.resource.getDomainByName(remote.domain).catch(refuse(remote.user))).id
          : conf.identity.default_domain_id;
      const user = await providers.identity.getUserByName(remote.user, domainId).catch(refuse(remote.user));
      await providers.identity.assertUserEnabled(user.id);
      const kerberos = conf.token.bind.includes('kerberos') && remote.authType?.toLowerCase() === 'negotiate';
      return { userId: user.id, ...(kerberos && { bind: { kerberos: user.name } }) };
    },
  });
}

function refuse(user: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof NotFound)) throw error;
    throw new Unauthorized(`Unable to lookup user ${user}`, { cause: error });
  };
}

export const defaultDomain = external({ remoteDomain: false, negotiateOnly: false });
export const domain = external({ remoteDomain: true, negotiateOnly: false });
export const kerberosDomain = external({ remoteDomain: true, negotiateOnly: true });
