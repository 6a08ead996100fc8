/**
 * A validated token in few bytes. Tokens of one user for one scope say the same but for their times and audit ids, so
 * they share the body of the first of them. The body of each and the answers it was shown in stay at hand for those
 * that were asked about last; for the others they are made again.
 */
import { LRUCache } from 'lru-cache';
import { isoTimeWithMicroseconds } from '../../common/time.js';
import type { TokenModel, V3TokenBody } from '../../common/token_model.js';

/** Bytes of a body without what it shares, and of an answer without its text. */
const BODY_SIZE = 400;
const ANSWER_SIZE = 400;

/** Ways in which a token is answered. */
export type AnswerKind = 'v3' | 'v3 without catalog' | 'v2';

/** What was said of a token. */
interface Said {
  readonly body: V3TokenBody;
  readonly answers: Partial<Record<AnswerKind, string | Buffer>>;
}

/** The facts that a token does not share with others. */
export interface OwnFacts {
  readonly id: string;
  readonly auditIds: readonly string[];
  /** Milliseconds since 1970, as the others. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** When it ends without anybody's doing: its expiry, or an earlier end of what it rests on. */
  readonly until: number;
}

export class KnownToken implements TokenModel {
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly until: number;
  private readonly auditIds: readonly string[];
  private said: Said | null = null;

  /**
   * @param pattern the body of this token, or of one that says the same but for times and audit ids
   * @param size    bytes that it takes in memory, about
   */
  constructor(
    { id, auditIds, issuedAt, expiresAt, until }: OwnFacts,
    private readonly pattern: V3TokenBody,
    readonly size: number,
    private readonly atHand: TokensAtHand,
  ) {
    this.id = id;
    this.auditIds = auditIds;
    this.issuedAt = issuedAt;
    this.expiresAt = expiresAt;
    this.until = until;
  }

  get body(): V3TokenBody {
    return this.says().body;
  }

  /** An answer that was given before. It is as true as the token is: both are forgotten when anything has changed. */
  answer(kind: AnswerKind): string | Buffer | undefined {
    return this.said?.answers[kind];
  }

  keepAnswer(kind: AnswerKind, answer: string | Buffer): void {
    this.says().answers[kind] = answer;
    this.atHand.add(this);
  }

  /** Bytes of what can be made again, about. */
  get saidSize(): number {
    return Object.values(this.said?.answers ?? {}).reduce(
      (size, { length }) => size + length + ANSWER_SIZE,
      BODY_SIZE,
    );
  }

  /** Keep no more than it takes to say it all again. */
  forget(): void {
    this.said = null;
  }

  private says(): Said {
    if (this.said !== null) return this.said;
    const own = {
      expires_at: isoTimeWithMicroseconds(this.expiresAt),
      audit_ids: this.auditIds,
      issued_at: isoTimeWithMicroseconds(this.issuedAt),
    };
    // All members stand where they stand in the pattern.
    const said = { body: { ...this.pattern, ...own }, answers: {} };
    this.said = said;
    this.atHand.add(this);
    return said;
  }
}

/** The tokens that have their bodies and answers at hand: those that were made last. */
export class TokensAtHand {
  private readonly sizes: LRUCache<KnownToken, number>;

  /** @param maxSize bytes of bodies and answers */
  constructor(maxSize: number) {
    this.sizes = new LRUCache({
      maxSize,
      sizeCalculation: (size) => size,
      dispose: (_size, token, reason) => {
        if (reason !== 'set') token.forget();
      },
    });
  }

  add(token: KnownToken): void {
    const size = token.saidSize;
    if (size <= this.sizes.maxSize) this.sizes.set(token, size);
    else token.forget();
  }

  remove(token: KnownToken): void {
    this.sizes.delete(token);
  }

  clear(): void {
    this.sizes.clear();
  }
}
