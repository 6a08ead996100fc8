/** Revocation: which tokens stopped being good, and why. Source: Identity API v3, OS-REVOKE. */
import { ValidationError } from '../../common/errors.js';
import { FreshCache } from '../../common/fresh_cache.js';
import { getLogger } from '../../common/log/index.js';
import { isPromise } from '../../common/maybe_promise.js';
import { wholeSecond } from '../../common/time.js';
import type { ManagerContext } from '../subsystem.js';
import type { RevokeDriver } from './driver.js';
import { matches } from './matching.js';
import type { RevocationCriteria, RevocationEvent, RevocationSubject } from './types.js';

const log = getLogger('keystone.revoke');

/** Pruning runs with a revocation, but not more often than this (milliseconds). */
const PRUNE_INTERVAL = 60_000;

/**
 * An event counts from its commit on, which comes later than its time: a token that is issued in between, on what the
 * same commit ends, must not fall into a second that the event does not name. Milliseconds that a commit usually takes
 * at most; what takes longer is told a second time.
 */
const COMMIT_MARGIN = 100;

/** Tokens of so many milliseconds share what is kept of the events about their user and scope. */
const PERIOD = 600_000;
/** Users and scopes whose events are kept, and how many events of one. */
const MOST_SCOPES = 5000;
const MOST_EVENTS = 100;

export class RevokeManager {
  private lastPruned = 0;
  private readonly ofScopes: FreshCache<RevocationEvent[]>;

  constructor(
    private readonly driver: RevokeDriver,
    private readonly context: ManagerContext,
  ) {
    this.ofScopes = new FreshCache(() => context.stateOfData(), { max: MOST_SCOPES });
    const { notifications } = context;
    const byId = (
      resource: string,
      operation: 'deleted' | 'disabled' | 'internal',
      key: keyof RevocationCriteria,
    ): void => notifications.on(resource, operation, (event) => this.revoke({ [key]: event.id }));
    byId('user', 'deleted', 'userId');
    byId('user', 'disabled', 'userId');
    byId('invalidate_user_tokens', 'internal', 'userId');
    byId('project', 'deleted', 'projectId');
    byId('project', 'disabled', 'projectId');
    byId('domain', 'disabled', 'domainId');
    byId('role', 'deleted', 'roleId');
    byId('OS-TRUST:trust', 'deleted', 'trustId');
    byId('OS-OAUTH1:consumer', 'deleted', 'consumerId');
    byId('OS-OAUTH1:access_token', 'deleted', 'accessTokenId');
  }

  /**
   * Revoke all tokens that match the criteria and were issued until now. Events mean whole seconds, as in Keystone:
   * tokens of the rest of this second fall under them too, and whoever issues one waits for the next.
   * @param issuedUntil of a token that is meant in any case (milliseconds since the epoch): another host's clock, or
   *   this one before it was set back, may have been ahead
   */
  revoke(criteria: RevocationCriteria, issuedUntil = 0): Promise<void> {
    return this.revokeMany([criteria], issuedUntil);
  }

  /** As `revoke`, for tokens that match any of the criteria, with few statements. */
  async revokeMany(criteria: readonly RevocationCriteria[], issuedUntil = 0): Promise<void> {
    const now = Date.now();
    const issuedBefore = wholeSecond(Math.max(now + COMMIT_MARGIN, issuedUntil));
    await this.add(criteria, issuedBefore);
    await this.context.providers.token.revocations.mark(criteria);
    // Before the change is acknowledged: who signs in then must not get a token that is ended by what comes late.
    await this.context.sequel(() => this.makeUpFor(criteria, issuedBefore));
    if (now - this.lastPruned < PRUNE_INTERVAL) return;
    this.lastPruned = now;
    const { conf } = this.context;
    // Of long lifetimes nothing is old yet; earlier times cannot be asked about.
    const kept = (conf.token.expiration + conf.revoke.expiration_buffer) * 1000;
    await this.driver.prune(Math.max(0, now - kept));
  }

  /** After the commit: means also the tokens that were issued before it in a second that the events do not name. */
  private async makeUpFor(criteria: readonly RevocationCriteria[], issuedBefore: number): Promise<void> {
    const committed = wholeSecond(Date.now());
    if (committed <= issuedBefore) return;
    try {
      await this.add(criteria, committed);
    } catch (error) {
      log.error(
        `Tokens that were issued while a revocation was being committed are not revoked: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  private add(criteria: readonly RevocationCriteria[], issuedBefore: number): Promise<void> {
    const revokedAt = wholeSecond(Date.now());
    return this.driver.add(criteria.map((each) => ({ ...each, issuedBefore, revokedAt })));
  }

  /**
   * Events after `since` (ISO 8601), all without it or when it is empty.
   * @throws ValidationError when `since` is not a time
   */
  async list(since: string | undefined): Promise<RevocationEvent[]> {
    if (since === undefined || since === '') return this.driver.list(null);
    const instant = parseInstant(since);
    if (instant === null) throw new ValidationError(`invalid date format ${since}`);
    return this.driver.list(instant);
  }

  /** Whether an event means the token. */
  isRevoked(subject: RevocationSubject): Promise<boolean> {
    return this.eventsFor(subject).then(({ length }) => length > 0);
  }

  /** The events that mean the token. */
  eventsFor(subject: RevocationSubject): Promise<RevocationEvent[]> {
    return this.candidates(subject).then((events) => events.filter((event) => matches(event, subject)));
  }

  /** What does not depend on the single token is kept in memory while nothing changes. */
  private async candidates(subject: RevocationSubject): Promise<readonly RevocationEvent[]> {
    const asked = this.context.stateOfData();
    const state = isPromise(asked) ? await asked : asked;
    if (state === undefined) return this.driver.candidates(subject);
    const issuedAt = subject.issuedAt - (subject.issuedAt % PERIOD);
    const common = { ...subject, auditId: '', auditChainId: '', issuedAt, expiresAt: 0 };
    const others = this.ofScopes.at(
      state,
      JSON.stringify(common),
      () => this.driver.candidatesByScope(common),
      undefined,
      (events) => events.length <= MOST_EVENTS,
    );
    const own = this.driver.candidatesByAudit(subject);
    if (!isPromise(others)) return [...(await own), ...others];
    return (await Promise.all([own, others])).flat();
  }
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** ISO 8601 to milliseconds since the epoch; UTC when no zone is given; null when it is no time. */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [, day = '', time = '00:00', zone = 'Z'] = match;
  const instant = Date.parse(`${day}T${time}${zone}`);
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(instant) || !new Date(`${day}T00:00Z`).toISOString().startsWith(day)) return null;
  return instant;
}
