/**
 * Events by audit ids, asked for several tokens together. Each token that was never seen before has to be looked for,
 * and under load the way to the database and back costs more than the look: so while one look is under way, all who
 * ask wait for the next, which begins after they came and misses nothing that was committed before.
 */
import type { RevocationEvent, RevocationSubject } from '../types.js';

/** Tokens that one statement asks about at most. */
export const TOGETHER = 8;

interface Ask {
  readonly subject: RevocationSubject;
  readonly resolve: (events: readonly RevocationEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

export class AuditLooks {
  private readonly waiting: Ask[] = [];
  private isLooking = false;

  /** @param look at the events about any of some tokens, from one to TOGETHER */
  constructor(
    private readonly look: (subjects: readonly RevocationSubject[]) => Promise<RevocationEvent[]>,
  ) {}

  /** Events that could mean the token, and maybe some about others. Not to be asked within a transaction. */
  ask(subject: RevocationSubject): Promise<readonly RevocationEvent[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ subject, resolve, reject });
      if (!this.isLooking) this.next();
    });
  }

  private next(): void {
    const asks = this.waiting.splice(0, TOGETHER);
    this.isLooking = asks.length > 0;
    if (!this.isLooking) return;
    this.look(asks.map(({ subject }) => subject)).then(
      (events) => {
        this.next();
        for (const { resolve } of asks) resolve(events);
      },
      (error: unknown) => {
        this.next();
        for (const { reject } of asks) reject(error);
      },
    );
  }
}
