/**
 * Who is calling: the holder of X-Auth-Token, the user whom the front web server has authenticated, or (without a
 * token) the owner of a client certificate of a trusted issuer. A token that is unknown, expired, revoked or bound to
 * somebody else does not reject: the request goes on without a caller, and routes that need one answer 401. A failure
 * to find out is an error of its own. Source: Keystone's AuthContextMiddleware.
 */
import type { ParameterizedContext } from 'koa';
import { type AuthContext, type RequestContext, requestContext } from '../common/context.js';
import { authContextOf } from '../common/credentials.js';
import { KeystoneError } from '../common/errors.js';
import { renderError } from '../common/http/render.js';
import { trustedProxies } from '../common/http/trusted_proxies.js';
import { getLogger, runInRequest } from '../common/log/index.js';
import { assertTokenBind } from '../common/token_bind.js';
import type { TokenModel } from '../common/token_model.js';
import { defineFilter, type FilterFactory } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { adminTokenCheck } from './support/admin_token.js';
import { textHeader } from './support/headers.js';
import { remoteIdentityReader } from './support/remote_identity.js';

const log = getLogger('keystone.middleware.auth');

type Services = Pick<FilterServices, 'conf' | 'rendering' | 'tokens' | 'tokenless'>;

export function createFilter({ conf, rendering, tokens, tokenless }: Services): FilterFactory {
  const proxies = trustedProxies(conf.keystone_koa.trusted_proxies);
  const readRemote = remoteIdentityReader(conf, proxies);
  const isAdminToken = adminTokenCheck(conf.DEFAULT.admin_token);
  const bindMode = conf.token.enforce_token_bind;
  const known = new WeakMap<TokenModel, AuthContext>();
  let warned = false;

  function contextOf(token: TokenModel): AuthContext {
    let context = known.get(token);
    if (context === undefined) {
      context = authContextOf(token);
      known.set(token, context);
    }
    return context;
  }

  /** The token, or null when it proves nothing. */
  async function validate(id: string): Promise<TokenModel | null> {
    try {
      return await tokens.validateToken(id);
    } catch (error) {
      if (!(error instanceof KeystoneError) || error.status >= 500) throw error;
      // The error's text may hold the token.
      log.info(`Invalid token (${error.name})`);
      return null;
    }
  }

  /** Of a request that another service makes for a user, that service's token is the one that may be bound. */
  async function isBoundElsewhere(ctx: ParameterizedContext): Promise<boolean> {
    const { remote } = requestContext(ctx);
    const service = textHeader(ctx.req.headers, 'x-service-token');
    const serviceToken = service === null ? null : await validate(service);
    return serviceToken === null || !bindHolds(serviceToken, bindMode, remote);
  }

  async function authenticate(ctx: ParameterizedContext, id: string): Promise<AuthContext | null> {
    const token = await validate(id);
    if (token === null) return null;
    if (!bindHolds(token, bindMode, requestContext(ctx).remote) && (await isBoundElsewhere(ctx))) return null;
    return contextOf(token);
  }

  /** It is for admin_token_auth to accept it: where that filter is not, the admin token opens nothing. */
  function refuseAdminToken(): void {
    if (warned) return;
    warned = true;
    log.warn(
      '[DEFAULT] admin_token was sent and refused: the filter admin_token_auth is not in the pipeline before ' +
        'build_auth_context.',
    );
  }

  async function caller(ctx: ParameterizedContext, context: RequestContext): Promise<AuthContext | null> {
    const { headers } = ctx.req;
    if (context.tokenId !== null) return authenticate(ctx, context.tokenId);
    if (tokenless === null || conf.tokenless_auth.trusted_issuer.length === 0) return null;
    const issuer = certificateIssuer(ctx);
    if (issuer === null) return null;
    log.debug(`${context.route ?? ctx.path}: authenticating by the certificate of ${issuer}`);
    return tokenless.authenticate(issuer, headers);
  }

  const issuerHeader = headerOfAttribute(conf.tokenless_auth.issuer_attribute);
  function certificateIssuer(ctx: ParameterizedContext): string | null {
    const issuer = textHeader(ctx.req.headers, issuerHeader);
    if (issuer === null || !proxies.trusts(ctx.req)) return null;
    if (conf.tokenless_auth.trusted_issuer.includes(issuer)) return issuer;
    log.info(`The client certificate's issuer ${issuer} is not one of [tokenless_auth] trusted_issuer`);
    return null;
  }

  /** The holder of a token that is kept in memory; null when there is more to find out. */
  function keptCaller(ctx: ParameterizedContext, context: RequestContext): AuthContext | null {
    context.tokenId ??= textHeader(ctx.req.headers, 'x-auth-token');
    const token = context.tokenId === null ? undefined : tokens.kept(context.tokenId);
    return token !== undefined && bindHolds(token, bindMode, context.remote) ? contextOf(token) : null;
  }

  async function findOut(
    ctx: ParameterizedContext,
    context: RequestContext,
    next: () => Promise<unknown>,
  ): Promise<void> {
    try {
      context.auth = await caller(ctx, context);
    } catch (error) {
      renderError(ctx, error, rendering);
      return;
    }
    await next();
  }

  return defineFilter({ options: {}, provides: ['auth_context'] }, () => (ctx, next) => {
    const context = requestContext(ctx);
    context.remote = readRemote(ctx.req);
    // Paste files of Rocky have no token_auth any more.
    context.subjectTokenId ??= textHeader(ctx.req.headers, 'x-subject-token');
    if (context.auth !== null) {
      log.warn('An earlier filter has set the authentication context; it counts instead of the token');
      return next();
    }
    if (context.isAdmin) return next();
    if (isAdminToken(ctx.req.headers)) refuseAdminToken();
    const kept = keptCaller(ctx, context);
    if (kept !== null) {
      context.auth = kept;
      return next();
    }
    // From here on something is waited for.
    return runInRequest(context, () => findOut(ctx, context, next));
  });
}

function bindHolds(token: TokenModel, mode: string, remote: RequestContext['remote']): boolean {
  try {
    assertTokenBind(mode, token.body.bind, remote);
    return true;
  } catch (error) {
    if (!(error instanceof KeystoneError)) throw error;
    log.info(error.detail ?? error.message);
    return false;
  }
}

/** The header in which a proxy hands on an attribute of the client's certificate: `SSL_CLIENT_I_DN` is x-ssl-client-i-dn. */
function headerOfAttribute(attribute: string): string {
  const name = attribute.toLowerCase().replaceAll('_', '-');
  return name.startsWith('http-') ? name.slice('http-'.length) : `x-${name}`;
}
