/**
 * Events by audit ids, asked for several tokens together. Each token that was never seen before has to be looked for,
 * and under load the way to the database and back costs more than the look: so while looks are under way, all who
 * ask wait for the next, which begin after they came and miss nothing that was committed before.
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
  /** Looks under way. */
  private running = 0;

  /** @param look at the events about any of some tokens, from one to TOGETHER */
  constructor(
    private readonly look: (subjects: readonly RevocationSubject[]) => Promise<RevocationEvent[]>,
  ) {}

  /** Events that could mean the token, and maybe some about others. Not to be asked within a transaction. */
  ask(subject: RevocationSubject): Promise<readonly RevocationEvent[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ subject, resolve, reject });
      if (this.running === 0) this.next();
    });
  }

  /** All who wait are asked for now, so that nobody waits for more than the looks before and the own. */
  private next(): void {
    const asks = this.waiting.splice(0);
    for (let start = 0; start < asks.length; start += TOGETHER)
      this.start(asks.slice(start, start + TOGETHER));
  }

  private start(asks: readonly Ask[]): void {
    this.running += 1;
    const end = (): void => {
      this.running -= 1;
      if (this.running === 0) this.next();
    };
    this.look(asks.map(({ subject }) => subject)).then(
      (events) => {
        end();
        for (const { resolve } of asks) resolve(events);
      },
      (error: unknown) => {
        end();
        for (const { reject } of asks) reject(error);
      },
    );
  }
}
