/** Authentication: methods, agreement between them, scope, token. Source: Identity API v3, Authentication. */
import type { Challenge, Proof } from '../../auth/auth_method.js';
import { type AuthMethods, loadAuthMethods } from '../../auth/methods.js';
import {
  AdditionalAuthRequired,
  AuthMethodNotSupported,
  Forbidden,
  KeystoneError,
  NotFound,
  Unauthorized,
} from '../../common/errors.js';
import type { ApiRequest } from '../../common/http/types.js';
import { getLogger } from '../../common/log/index.js';
import type { TokenModel } from '../../common/token_model.js';
import type { ManagerContext } from '../subsystem.js';
import type { IssueRequest } from '../token/types.js';
import { readAuthRequest } from './auth_request.js';
import { Scoping } from './scoping.js';
import type { AuthRequest, ResolvedScope } from './types.js';

const log = getLogger('keystone.auth');

/** Identity attributes on which all methods of a request must agree. */
const AGREED = ['userId', 'projectId', 'domainId', 'accessTokenId'] as const;

export class AuthManager {
  private readonly scoping: Scoping;
  private methods: AuthMethods = new Map();

  constructor(private readonly context: ManagerContext) {
    this.scoping = new Scoping(context);
  }

  /** Load the plugins of `[auth] methods`. @throws Error naming an unknown plugin and the valid ones */
  async loadMethods(
    plugin: (method: string) => string | null,
    folders: readonly string[],
    placeOf: (section: string, option: string) => string,
  ): Promise<void> {
    const { conf, providers } = this.context;
    this.methods = await loadAuthMethods(conf, providers, plugin, folders, placeOf);
  }

  /**
   * Authenticate as the request says and issue a token.
   * @throws ValidationError for a malformed request, Unauthorized for a failed proof or unusable scope, Forbidden for
   *   delegation that does not allow it
   */
  async authenticate(request: ApiRequest): Promise<TokenModel> {
    const auth = readAuthRequest(request.body);
    for (const { name } of auth.methods) {
      if (!this.methods.has(name)) throw this.unsupported();
    }
    const requested = await this.resolveScope(auth);
    const proof = await this.prove(request, auth.methods);
    if (requested instanceof KeystoneError) throw requested;
    if (proof.userId === undefined) throw new Unauthorized('User not found');
    const scope = await this.scopeOf(auth, requested, proof, proof.userId);
    const methods = [...new Set([...auth.methods.map(({ name }) => name), ...(proof.methods ?? [])])];
    const proveAgain = async (): Promise<void> => {
      const again = auth.methods.filter(({ name }) => this.methods.get(name)?.repeatable === true);
      await this.prove(request, again);
    };
    const withCatalog = !request.query.has('nocatalog');
    return this.issue({ ...proof, userId: proof.userId }, methods, { ...scope, withCatalog }, proveAgain);
  }

  /**
   * The scope, or why it cannot be had. Who has not proven to be somebody is told nothing of it, nor by the time that
   * the answer takes, which holds the work of checking the proof in any case.
   */
  private async resolveScope(auth: AuthRequest): Promise<ResolvedScope | KeystoneError> {
    try {
      return await this.scoping.resolve(auth.scope);
    } catch (error) {
      if (error instanceof Unauthorized) return error;
      throw error;
    }
  }

  private async issue(
    proof: Proof & { readonly userId: string },
    methods: readonly string[],
    scope: ResolvedScope & Pick<IssueRequest, 'withCatalog'>,
    proveAgain: () => Promise<void>,
  ): Promise<TokenModel> {
    const { token, trust: trusts } = this.context.providers;
    const { trustId } = scope;
    const request = {
      userId: proof.userId,
      methods,
      ...scope,
      accessTokenId: proof.accessTokenId ?? null,
      federation: proof.federation ?? null,
      expiresAt: proof.expiresAt ?? null,
      parentAuditId: proof.parentAuditId ?? null,
      bind: proof.bind ?? null,
    };
    let unproven: unknown;
    const confirm = (): Promise<void> =>
      proveAgain().catch((error: unknown) => {
        unproven = error;
        throw error;
      });
    try {
      if (trustId === null) return await token.issueToken(request, { confirm });
      const trust = await trusts.getTrust(trustId);
      if (trust.trustee_user_id !== proof.userId) throw new Forbidden('User is not a trustee.');
      const expiresAt = Math.min(proof.expiresAt ?? Infinity, trust.expires_at ?? Infinity);
      // One use is taken together with the token that it pays for: both or neither.
      return await token.issueToken(
        { ...request, expiresAt },
        { confirm, within: (issue) => trusts.consumeUse(trustId, issue) },
      );
    } catch (error) {
      // What is gone was there when the scope was resolved. A parent token that is gone keeps its own error.
      if (error instanceof NotFound && error !== unproven)
        throw new Unauthorized(error.message, { cause: error });
      throw error;
    }
  }

  private async scopeOf(
    auth: AuthRequest,
    requested: ResolvedScope,
    proof: Proof,
    userId: string,
  ): Promise<ResolvedScope> {
    // The scope of an OAuth token is that of its access token, whatever the request says.
    if (proof.accessTokenId !== undefined) {
      return { projectId: proof.projectId ?? null, domainId: null, trustId: null };
    }
    if (auth.scope.kind !== 'default' || proof.federation !== undefined) return requested;
    return this.scoping.defaultProject(userId);
  }

  private async prove(request: ApiRequest, methods: AuthRequest['methods']): Promise<Proof> {
    let proof: Proof = await this.proveExternally(request);
    const challenges: Record<string, unknown> = {};
    for (const { name, payload } of methods) {
      const method = this.methods.get(name);
      if (method === undefined) throw this.unsupported();
      const answer = await method.authenticate(request, payload);
      if (isChallenge(answer)) challenges[name] = answer.challenge;
      else proof = agree(proof, answer);
    }
    const open = Object.keys(challenges);
    if (open.length > 0) {
      const error = new AdditionalAuthRequired();
      error.authentication = { methods: open, ...challenges };
      throw error;
    }
    return proof;
  }

  /** REMOTE_USER counts also when the request does not ask for it; that it fails is then no failure. */
  private async proveExternally(request: ApiRequest): Promise<Proof> {
    const external = this.methods.get('external');
    if (request.context.remote === null || external === undefined) return {};
    try {
      const answer = await external.authenticate(request, {});
      return isChallenge(answer) ? {} : answer;
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      log.debug(`Authorization failed for 'external' auth method: ${error.detail ?? error.message}`);
      return {};
    }
  }

  private unsupported(): Error {
    const error = new AuthMethodNotSupported();
    error.authentication = { methods: this.context.conf.auth.methods };
    return error;
  }
}

function isChallenge(answer: Proof | Challenge): answer is Challenge {
  return 'challenge' in answer;
}

/** @throws Unauthorized when two methods speak of different users or scopes */
function agree(known: Proof, added: Proof): Proof {
  for (const attribute of AGREED) {
    const [one, other] = [known[attribute], added[attribute]];
    if (one !== undefined && other !== undefined && one !== other) {
      throw new Unauthorized(`Unable to reconcile identity attribute ${attribute}: methods disagree`);
    }
  }
  const expiries = [known.expiresAt, added.expiresAt].filter((instant) => instant !== undefined);
  const methods = [...(known.methods ?? []), ...(added.methods ?? [])];
  const bind = { ...known.bind, ...added.bind };
  return {
    ...known,
    ...added,
    ...(expiries.length > 0 && { expiresAt: Math.min(...expiries) }),
    ...(methods.length > 0 && { methods }),
    ...(Object.keys(bind).length > 0 && { bind }),
  };
}
