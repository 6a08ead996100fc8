/** Tokens: issue, validate, revoke. Source: Identity API v3, Authentication and token management. */
import { setTimeout as sleep } from 'node:timers/promises';
import { newAuditId } from '../../common/crypto/random_ids.js';
import { Forbidden, NotFound, NotImplemented, TokenNotFound, Unauthorized } from '../../common/errors.js';
import { wholeSecond } from '../../common/time.js';
import { auditChainId, auditId, type TokenModel, type V3TokenBody } from '../../common/token_model.js';
import type { RevocationSubject } from '../revoke/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { TokenProvider } from './driver.js';
import { TokenDataBuilder } from './token_data.js';
import type { IssueRequest, IssueSurroundings, TokenFacts } from './types.js';

/** Revocation events mean whole seconds, so a new token may have to wait for the next one; not for ever, though. */
const SECOND = 1000;
const MAX_WAITS = 2;

/** The token would fall under an event that was announced in the second of its issue. */
class TooSoon extends Error {
  override name = 'TooSoon';
}

import { ValidatedTokens } from './validated_tokens.js';

export class TokenManager {
  private readonly data: TokenDataBuilder;
  private readonly validated: ValidatedTokens;

  constructor(
    private readonly provider: TokenProvider,
    private readonly context: ManagerContext,
  ) {
    this.data = new TokenDataBuilder(context);
    this.validated = new ValidatedTokens(() => context.stateOfData());
  }

  /**
   * Issue a token. A token must be good when it is handed out: while an event of this very second would hit it as
   * well, the next second is waited for. What was proven may have ended meanwhile, with the password that has just
   * been changed or with the parent token: so it is asked again.
   * @throws Unauthorized when user, scope or roles do not allow it; NotImplemented for a bind that the format cannot
   *   carry; Forbidden for a trust that no longer holds
   */
  async issueToken(request: IssueRequest, surroundings: IssueSurroundings = {}): Promise<TokenModel> {
    const bind = request.bind ?? null;
    if (bind !== null && Object.keys(bind).length > 0 && !this.provider.supportsBind) {
      throw new NotImplemented('The configured token provider does not support bind authentication.');
    }
    const { confirm, within } = surroundings;
    const issue = (): Promise<TokenModel> => this.issueNow(request, bind);
    for (let waits = 0; ; waits += 1) {
      try {
        return await (within === undefined ? issue() : within(issue));
      } catch (error) {
        if (!(error instanceof TooSoon)) throw error;
        // An event far ahead of this clock: another server's clock is wrong, and nothing that is issued now is good.
        if (waits === MAX_WAITS) throw new Unauthorized('Tokens of this kind are revoked', { cause: error });
      }
      // Outside of any transaction, so that nobody else waits.
      await sleep(SECOND - (Date.now() % SECOND));
      await confirm?.();
    }
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

  private async issueNow(request: IssueRequest, bind: TokenFacts['bind']): Promise<TokenModel> {
    const facts = this.factsOf(request, bind);
    const body = await this.data.build(facts);
    if (await this.context.providers.revoke.isRevoked(revocationSubject(facts, body))) throw new TooSoon();
    const id = await this.provider.issue(facts, body);
    return { id, body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt };
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
      // Whole seconds, as Keystone writes them.
      expiresAt: wholeSecond(
        Math.min(now + this.context.conf.token.expiration * SECOND, request.expiresAt ?? Infinity),
      ),
      bind,
    };
  }
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
