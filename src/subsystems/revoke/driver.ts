/** What a store of revocation events can do. */
import type { ShapeOf } from '../../common/shape.js';
import type { RevocationEvent, RevocationSubject } from './types.js';

export interface RevokeDriver {
  /** Of several all or none, with few statements. */
  add(events: RevocationEvent | readonly RevocationEvent[]): Promise<void>;
  /** Events in order of `revokedAt`; with `since` (milliseconds) only later ones. */
  list(since: number | null): Promise<RevocationEvent[]>;
  /** Every event that could match the subject, found by index; others may be among them. */
  candidates(subject: RevocationSubject): Promise<RevocationEvent[]>;
  /**
   * Those of the candidates that name the token itself or its chain, by their audit ids; others may be among them. Not
   * to be asked within a transaction: look-ups of several callers may go together.
   */
  candidatesByAudit(subject: RevocationSubject): Promise<readonly RevocationEvent[]>;
  /** The other candidates: the same for all tokens of a user for a scope. */
  candidatesByScope(subject: RevocationSubject): Promise<RevocationEvent[]>;
  /** Remove events revoked before the instant (milliseconds); returns how many went. */
  prune(before: number): Promise<number>;
}

/** What is asked of drivers of packages. */
export const REVOKE_DRIVER_SHAPE: ShapeOf<RevokeDriver> = {
  add: 'method',
  list: 'method',
  candidates: 'method',
  candidatesByAudit: 'method',
  candidatesByScope: 'method',
  prune: 'method',
};
