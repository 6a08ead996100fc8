/** Tokens: issue, validate, revoke. Source: Identity API v3, Authentication and token management. */

import { setTimeout as sleep } from 'node:timers/promises';
import { newAuditId } from '../../common/crypto/random_ids.js';
import { Forbidden, NotFound, NotImplemented, TokenNotFound, Unauthorized } from '../../common/errors.js';
import { isPromise, type MaybePromise } from '../../common/maybe_promise.js';
import { isoTimeWithMicroseconds, wholeSecond } from '../../common/time.js';
import { auditChainId, auditId, type TokenModel, type V3TokenBody } from '../../common/token_model.js';
import { matches } from '../revoke/matching.js';
import type { RevocationSubject } from '../revoke/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { TokenProvider } from './driver.js';
import { tokenMemory } from './memory.js';
import { RevocationList } from './revocation_list.js';
import { type Judgement, keyOfFacts, SharedAnswers } from './shared_answers.js';
import { TokenDataBuilder } from './token_data.js';
import type { IssueRequest, IssueSurroundings, TokenFacts } from './types.js';
import { type ValidatedToken, ValidatedTokens } from './validated_tokens.js';

/** Revocation events mean whole seconds, so a new token may have to wait for the next one; not for ever, though. */
const SECOND = 1000;
const MAX_WAITS = 2;
/** Events so young (milliseconds) may have been committed after the proof that a token is issued on. */
const YOUNG = 60_000;
/** Proofs asked for again because of young events. */
const MAX_PROOFS = 5;
/** Looks at one token while others commit: a second one sees all of what came in between, unless there is more. */
const MAX_LOOKS = 3;

/** Waits until the second of an instant is over. A timer may come a moment before the clock is there. */
async function endOfSecond(instant: number): Promise<void> {
  while (wholeSecond(Date.now()) === wholeSecond(instant)) await sleep(SECOND - (Date.now() % SECOND));
}

/** Nothing can be issued on this proof at this time, because of events that are known now. */
class NotYet extends Error {
  override name = 'NotYet';
  /** @param hits whether the token itself would fall under them, so that the next second has to come first */
  constructor(
    readonly hits: boolean,
    readonly events: string,
  ) {
    super();
  }
}

export class TokenManager {
  private readonly data: TokenDataBuilder;
  private readonly validated: ValidatedTokens;
  private readonly shared: SharedAnswers;
  private joint = { own: '', data: '', state: '' };
  /** Which stored tokens were revoked. */
  readonly revocations: RevocationList;

  constructor(
    private readonly provider: TokenProvider,
    private readonly context: ManagerContext,
  ) {
    this.shared = new SharedAnswers(context);
    this.revocations = new RevocationList(provider, context.conf);
    this.data = new TokenDataBuilder(context, this.shared);
    this.validated = new ValidatedTokens(
      () => this.state(),
      () => this.glance(),
      tokenMemory(context.conf),
    );
  }

  /**
   * Issue a token. A token must be good when it is handed out: while an event of this very second would hit it as
   * well, the next second is waited for. What was proven may have ended meanwhile, with the password that has just
   * been changed or with the parent token: so it is asked again, after a wait and after any event about the token
   * that may have been committed since the proof.
   * @throws Unauthorized when user, scope or roles do not allow it; NotImplemented for a bind that the format cannot
   *   carry; Forbidden for a trust that no longer holds
   */
  async issueToken(request: IssueRequest, surroundings: IssueSurroundings = {}): Promise<TokenModel> {
    const bind = request.bind ?? null;
    if (bind !== null && Object.keys(bind).length > 0 && !this.provider.supportsBind) {
      throw new NotImplemented('The configured token provider does not support bind authentication.');
    }
    const { confirm, within } = surroundings;
    let waits = 0;
    let proofs = 0;
    /** The events that the proof came after. */
    let settled = confirm && '';
    for (;;) {
      const facts = this.factsOf(request, bind);
      const issue = (): Promise<TokenModel> => this.issueNow(facts, settled, request.withCatalog);
      try {
        return await (within === undefined ? issue() : within(issue));
      } catch (error) {
        if (!(error instanceof NotYet)) throw error;
        // An event far ahead of this clock: another server's clock is wrong, and nothing issued now is good.
        if (error.hits ? waits === MAX_WAITS : proofs === MAX_PROOFS) {
          throw new Unauthorized('Tokens of this kind are revoked', { cause: error });
        }
        if (error.hits) {
          waits += 1;
          // Outside of any transaction, so that nobody else waits.
          await endOfSecond(facts.issuedAt);
        } else {
          proofs += 1;
        }
        settled = confirm && error.events;
      }
      await confirm?.();
    }
  }

  /**
   * The token behind an id, if it is good now: known, not expired, not revoked, and standing on an enabled user,
   * scope and roles.
   * @throws TokenNotFound otherwise
   */
  validateToken(id: string): MaybePromise<TokenModel> {
    return this.validated.get(id, (state) => this.validate(id, state));
  }

  /** The token behind an id, when it is kept in memory and known to be good without waiting; undefined: validateToken. */
  kept(id: string): TokenModel | undefined {
    return this.validated.peek(id);
  }

  private async validate(id: string, state: string | undefined): Promise<ValidatedToken> {
    const read = this.provider.read(id);
    const facts = isPromise(read) ? await read : read;
    if (facts.expiresAt <= Date.now()) throw new TokenNotFound('Failed to validate token');
    const { body, until } = await this.judgement(facts, state);
    return { id, body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt, until };
  }

  /**
   * What the process knows or finds out of a token. Roles that were read before another's commit and the event that
   * ends them, read after it, do not go together: a token that is good before and after would be refused. So whoever
   * refuses one looks again, unless nothing was committed meanwhile.
   * @param state before the first look; undefined when nobody knows
   * @throws TokenNotFound
   */
  private async judgement(
    facts: TokenFacts,
    state: string | undefined,
    looks = MAX_LOOKS,
  ): Promise<Judgement> {
    try {
      const { judgements } = this.shared;
      return await (judgements.isInUse
        ? judgements.get(keyOfFacts(facts), () => this.judge(facts))
        : this.judge(facts));
    } catch (error) {
      if (!(error instanceof TokenNotFound) || looks === 1) throw error;
      const later = await this.state();
      if (later !== undefined && later === state) throw error;
      return this.judgement(facts, later, later === undefined ? 1 : looks - 1);
    }
  }

  /** @throws TokenNotFound for a token that is not good */
  private async judge(facts: TokenFacts): Promise<Judgement> {
    let built: Judgement;
    try {
      const building = this.data.build(facts);
      built = isPromise(building) ? await building : building;
    } catch (error) {
      if (error instanceof Unauthorized || error instanceof Forbidden || error instanceof NotFound) {
        throw new TokenNotFound('Failed to validate token', { cause: error });
      }
      throw error;
    }
    const { body, until } = built;
    if (await this.context.providers.revoke.isRevoked(revocationSubject(facts, body))) {
      throw new TokenNotFound('Failed to validate token');
    }
    return { body, until: Math.min(until, facts.expiresAt) };
  }

  /** What validated tokens rest on: the data, and what the tokens themselves are read by. */
  private state(): MaybePromise<string | undefined> {
    const own = this.provider.foundation?.();
    const data = this.context.stateOfData();
    if (isPromise(own) || isPromise(data)) {
      return Promise.all([own, data]).then((both) => this.jointState(...both));
    }
    return this.jointState(own, data);
  }

  /** Nothing is proven unless both are known. The text is made once: it is the same for most requests. */
  private jointState(own: string | undefined, data: string | undefined): string | undefined {
    if (own === undefined || data === undefined) return undefined;
    if (own !== this.joint.own || data !== this.joint.data)
      this.joint = { own, data, state: `${data} ${own}` };
    return this.joint.state;
  }

  /**
   * The state, when it can be told without waiting. What was told holds for the rest of the same turn: nothing that
   * anybody was told of can have been committed since.
   */
  private glance(): string | undefined {
    if (this.glanced === undefined) {
      const own = this.provider.foundationAtHand?.();
      if (own === undefined) return undefined;
      this.glanced = this.jointState(own, this.context.stateAtHand());
      if (this.glanced !== undefined) queueMicrotask(this.forgetGlance);
    }
    return this.glanced;
  }

  private glanced: string | undefined;
  private readonly forgetGlance = (): void => {
    this.glanced = undefined;
  };

  /** @throws TokenNotFound */
  async revokeToken(id: string): Promise<void> {
    const token = await this.validateToken(id);
    await this.context.transaction(async () => {
      await this.context.providers.revoke.revoke({ auditId: auditId(token) }, token.issuedAt);
      await this.provider.forget(token);
    });
  }

  /**
   * @param settled the events that the proof is known to be younger than; undefined when there is nothing to prove again
   * @throws NotYet
   */
  private async issueNow(
    asked: TokenFacts,
    settled: string | undefined,
    withCatalog = true,
  ): Promise<TokenModel> {
    const { judgements } = this.shared;
    const isCached = this.context.conf.token.cache_on_issue && judgements.isInUse;
    const generation = isCached ? await judgements.generation() : undefined;
    const building = this.data.build(asked);
    const built = isPromise(building) ? await building : building;
    const { until } = built;
    // However it was asked for, a token of a trust ends with it.
    const facts = { ...asked, expiresAt: Math.min(asked.expiresAt, wholeSecond(until)) };
    const body = { ...built.body, expires_at: isoTimeWithMicroseconds(facts.expiresAt) };
    const subject = revocationSubject(facts, body);
    const events = await this.context.providers.revoke.eventsFor({
      ...subject,
      issuedAt: facts.issuedAt - YOUNG,
    });
    if (events.length > 0) {
      const seen = events
        .map((event) => JSON.stringify(event))
        .toSorted()
        .join();
      const hits = events.some((event) => matches(event, subject));
      if (hits || (settled !== undefined && settled !== seen)) throw new NotYet(hits, seen);
    }
    const { catalog: _catalog, ...withoutCatalog } = body;
    const id = await this.provider.issue(facts, withCatalog ? body : withoutCatalog);
    if (generation !== undefined) {
      const judgement = { body, until: Math.min(until, facts.expiresAt) };
      judgements.keep(keyOfFacts(facts), generation, judgement);
    }
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
