/**
 * Signing in through API v2.0: a password, a token, or the user whom the front web server has authenticated; the scope
 * is a tenant or nothing. Users and tenants are those of the default domain. Source: Identity API v2.0, Authenticate.
 */
import { Forbidden, ForbiddenAction, NotFound, Unauthorized, UserDisabled } from '../../common/errors.js';
import type { ApiRequest } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import { assertTokenBind } from '../../common/token_bind.js';
import { auditChainId, isDelegated, type TokenModel } from '../../common/token_model.js';
import { isUrlSafe } from '../../common/url_safe.js';
import type { IssueRequest } from '../token/types.js';
import { assertTrustInDefaultDomain, assertVisibleInV2 } from '../token/v2_visibility.js';
import type { Trust } from '../trust/types.js';
import type { V2Context } from '../v2.js';
import { readV2AuthRequest, type V2AuthRequest, type V2PasswordProof } from './v2_request.js';

type Proven = Pick<IssueRequest, 'userId' | 'methods' | 'expiresAt' | 'parentAuditId' | 'bind'>;

export class V2Authentication {
  constructor(private readonly context: V2Context) {}

  /**
   * @throws ValidationError for a malformed request; Unauthorized for a failed proof, an unusable tenant, or no role on
   *   it; Forbidden for delegation that does not allow it
   */
  async authenticate(request: ApiRequest): Promise<TokenModel> {
    const { conf, providers } = this.context;
    const auth = readV2AuthRequest(request.body, request.context.remote !== null, conf);
    const proven = await this.prove(auth, request);
    const projectId = await this.tenant(auth);
    const confirm = async (): Promise<void> => void (await this.prove(auth, request));
    if (auth.trustId !== null) return this.issueByTrust(auth.trustId, projectId, proven, confirm);
    try {
      return await providers.token.issueToken({ ...proven, projectId }, { confirm });
    } catch (error) {
      if (error instanceof NotFound) throw new Unauthorized(error.message, { cause: error });
      throw error;
    }
  }

  private prove({ proof, trustId }: V2AuthRequest, request: ApiRequest): Promise<Proven> {
    if (proof.kind === 'password') return this.byPassword(proof, request);
    if (proof.kind === 'token') return this.byToken(proof.tokenId, request);
    if (trustId !== null) throw new Unauthorized('A trust needs a token');
    return this.byRemoteUser(request);
  }

  private async byPassword(proof: V2PasswordProof, request: ApiRequest): Promise<Proven> {
    const { conf, providers } = this.context;
    const { identity } = providers;
    const userId = await this.userOf(proof);
    if (userId === null || proof.password === null) {
      // The same work as for a known user: the time of the answer does not tell who exists.
      await identity.pretendToAuthenticate(proof.password ?? '', conf.identity.default_domain_id);
      throw new Unauthorized('Invalid user or password');
    }
    try {
      await identity.authenticate(userId, proof.password, initiatorOf(request));
    } catch (error) {
      if (error instanceof UserDisabled) throw new Unauthorized(error.message, { cause: error });
      throw error;
    }
    return { userId, methods: ['password'] };
  }

  /** The user of the default domain that is meant; null when there is none. */
  private async userOf({ userId, username }: V2PasswordProof): Promise<string | null> {
    const { identity } = this.context.providers;
    const { default_domain_id: domainId } = this.context.conf.identity;
    try {
      const user =
        username === null
          ? await identity.getUser(userId ?? '')
          : await identity.getUserByName(username, domainId);
      return user.domain_id === domainId ? user.id : null;
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  private async byToken(tokenId: string, request: ApiRequest): Promise<Proven> {
    const { conf, providers } = this.context;
    let token: TokenModel;
    try {
      token = await providers.token.validateToken(tokenId);
      await assertVisibleInV2(token, providers, conf);
    } catch (error) {
      if (error instanceof NotFound) throw new Unauthorized('Invalid token', { cause: error });
      throw error;
    }
    const { body } = token;
    assertTokenBind(conf.token.enforce_token_bind, body.bind, request.context.remote);
    // A delegated token makes no other token: that would be a way around the delegation's limits.
    if (isDelegated(token)) throw new Forbidden('A delegated token cannot be used to get another token');
    if (!conf.token.allow_rescope_scoped_token && (body.project ?? body.domain) !== undefined) {
      throw new ForbiddenAction({ action: 'rescope a scoped token' });
    }
    if (body.user.domain.id !== conf.identity.default_domain_id) {
      throw new Unauthorized('The user is not in the default domain');
    }
    return {
      userId: body.user.id,
      methods: [...new Set([...body.methods, 'token'])],
      expiresAt: token.expiresAt,
      parentAuditId: auditChainId(token),
      bind: body.bind ?? null,
    };
  }

  private async byRemoteUser(request: ApiRequest): Promise<Proven> {
    const { conf, providers } = this.context;
    const { user: name = '', authType = null } = request.context.remote ?? {};
    const isKerberos = conf.token.bind.includes('kerberos') && authType?.toLowerCase() === 'negotiate';
    try {
      const { id } = await providers.identity.getUserByName(name, conf.identity.default_domain_id);
      return { userId: id, methods: ['external'], ...(isKerberos && { bind: { kerberos: name } }) };
    } catch (error) {
      if (error instanceof NotFound)
        throw new Unauthorized(`Unable to lookup user ${name}`, { cause: error });
      throw error;
    }
  }

  /** Id of the project that the request asks for; null when it asks for none. */
  private async tenant({ tenantId, tenantName }: V2AuthRequest): Promise<string | null> {
    const { conf, providers } = this.context;
    const { default_domain_id: domainId } = conf.identity;
    if (tenantName !== null) {
      if (conf.resource.project_name_url_safe === 'strict' && !isUrlSafe(tenantName)) {
        throw new Unauthorized('Tenant name cannot contain reserved characters.');
      }
      try {
        return (await providers.resource.getProjectByName(tenantName, domainId)).id;
      } catch (error) {
        if (error instanceof NotFound) throw new Unauthorized(error.message, { cause: error });
        throw error;
      }
    }
    if (tenantId === null) return null;
    const project = await providers.resource.projectForToken(tenantId);
    if (project?.domain_id !== domainId) throw new Unauthorized(`Project ID not found: ${tenantId}`);
    return tenantId;
  }

  /** A token of the trustor's roles for the trustee, whose token has been shown. @throws Forbidden, Unauthorized */
  private async issueByTrust(
    trustId: string,
    projectId: string | null,
    proven: Proven,
    confirm: () => Promise<void>,
  ): Promise<TokenModel> {
    const { conf, providers } = this.context;
    if (!conf.trust.enabled) throw new Forbidden('Trusts are disabled.');
    try {
      const trust = await providers.trust.getTrust(trustId);
      if (trust.trustee_user_id !== proven.userId) throw new Forbidden('User is not a trustee.');
      if (trust.project_id !== projectId) throw new Forbidden('The trust is for another tenant');
      await assertTrustInDefaultDomain(trust, providers, conf);
      // One use is taken together with the token that it pays for: both or neither.
      return await providers.token.issueToken(
        { ...proven, projectId, trustId, expiresAt: earlier(proven, trust) },
        { confirm, within: (issue) => providers.trust.consumeUse(trustId, issue) },
      );
    } catch (error) {
      if (error instanceof NotFound) throw new Forbidden(error.message, { cause: error });
      throw error;
    }
  }
}

function earlier({ expiresAt }: Proven, trust: Trust): number {
  return Math.min(expiresAt ?? Infinity, trust.expires_at ?? Infinity);
}
