/** Tokens: issue, validate, revoke. Source: Identity API v3, Authentication and token management. */
import { setTimeout as sleep } from 'node:timers/promises';
import { newAuditId } from '../../common/crypto/random_ids.js';
import { Forbidden, NotFound, NotImplemented, TokenNotFound, Unauthorized } from '../../common/errors.js';
import { auditChainId, auditId, type TokenModel, type V3TokenBody } from '../../common/token_model.js';
import type { RevocationSubject } from '../revoke/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { TokenProvider } from './driver.js';
import { TokenDataBuilder } from './token_data.js';
import type { IssueRequest, TokenFacts } from './types.js';
import { ValidatedTokens } from './validated_tokens.js';

export class TokenManager {
  private readonly data: TokenDataBuilder;
  private readonly validated: ValidatedTokens;

  constructor(
    private readonly provider: TokenProvider,
    private readonly context: ManagerContext,
  ) {
    this.data = new TokenDataBuilder(context.conf, context.providers);
    this.validated = new ValidatedTokens(() => context.stateOfData());
  }

  /**
   * Issue a token.
   * @throws Unauthorized when user, scope or roles do not allow it; NotImplemented for a bind that the format cannot
   *   carry; Forbidden for a trust that no longer holds
   */
  async issueToken(request: IssueRequest): Promise<TokenModel> {
    const bind = request.bind ?? null;
    if (bind !== null && Object.keys(bind).length > 0 && !this.provider.supportsBind) {
      throw new NotImplemented('The configured token provider does not support bind authentication.');
    }
    let facts = this.factsOf(request, bind);
    let body = await this.data.build(facts);
    // An event of this very second would hit the new token as well where the format's issue times are coarse: take
    // the next one. (A token must be good when it is handed out.)
    while (await this.context.providers.revoke.isRevoked(revocationSubject(facts, body))) {
      const step = Math.max(this.provider.issueTimeStep, 1);
      await sleep(step - (Date.now() % step));
      facts = this.factsOf(request, bind);
      body = await this.data.build(facts);
    }
    const id = await this.provider.issue(facts, body);
    return { id, body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt };
  }

  /**
   * The token behind an id, if it is good now: known, not expired, not revoked, and standing on an enabled user,
   * scope and roles.
   * @throws TokenNotFound otherwise
   */
  validateToken(id: string): Promise<TokenModel> {
    return this.validated.get(id, () => this.validate(id));
  }

  private async validate(id: string): Promise<TokenModel> {
    const facts = await this.provider.read(id);
    if (facts.expiresAt <= Date.now()) throw new TokenNotFound('Failed to validate token');
    let body: V3TokenBody;
    try {
      body = await this.data.build(facts);
    } catch (error) {
      if (error instanceof Unauthorized || error instanceof Forbidden || error instanceof NotFound) {
        throw new TokenNotFound('Failed to validate token', { cause: error });
      }
      throw error;
    }
    if (await this.context.providers.revoke.isRevoked(revocationSubject(facts, body))) {
      throw new TokenNotFound('Failed to validate token');
    }
    return { id, body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt };
  }

  /** @throws TokenNotFound */
  async revokeToken(id: string): Promise<void> {
    const token = await this.validateToken(id);
    await this.context.transaction(async () => {
      await this.context.providers.revoke.revoke({ auditId: auditId(token) });
      await this.provider.forget(token);
    });
  }

  private factsOf(request: IssueRequest, bind: TokenFacts['bind']): TokenFacts {
    const now = Date.now();
    const own = newAuditId();
    const parent = request.parentAuditId ?? null;
    return {
      userId: request.userId,
      methods: request.methods,
      projectId: request.projectId ?? null,
      domainId: request.domainId ?? null,
      trustId: request.trustId ?? null,
      accessTokenId: request.accessTokenId ?? null,
      federation: request.federation ?? null,
      auditIds: parent === null ? [own] : [own, parent],
      issuedAt: now - (now % this.provider.issueTimeStep),
      expiresAt: request.expiresAt ?? wholeSecond(now + this.context.conf.token.expiration * 1000),
      bind,
    };
  }
}

/** Expiry times are whole seconds, as Keystone writes them. */
function wholeSecond(instant: number): number {
  return instant - (instant % 1000);
}

/** What revocation events are matched against. */
export function revocationSubject(facts: TokenFacts, body: V3TokenBody): RevocationSubject {
  const trust = body['OS-TRUST:trust'];
  const token: TokenModel = { id: '', body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt };
  return {
    userId: facts.userId,
    delegates: trust === undefined ? [] : [trust.trustor_user.id, trust.trustee_user.id],
    userDomainId: body.user.domain.id,
    projectId: facts.projectId,
    scopeDomainId: facts.domainId ?? body.project?.domain?.id ?? null,
    roleIds: body.roles?.map((role) => role.id) ?? [],
    trustId: facts.trustId,
    consumerId: body['OS-OAUTH1']?.consumer_id ?? null,
    accessTokenId: facts.accessTokenId,
    auditId: auditId(token),
    auditChainId: auditChainId(token),
    issuedAt: facts.issuedAt,
    expiresAt: facts.expiresAt,
  };
}
