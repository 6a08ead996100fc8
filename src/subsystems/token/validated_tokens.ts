/**
 * Tokens that were found good, kept in memory for as long as nothing they rest on can have changed: a revocation, a
 * disabled user, a removed role or a changed catalog holds for the next request of every process.
 */
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import { FreshCache } from '../../common/fresh_cache.js';
import { isPromise, type MaybePromise } from '../../common/maybe_promise.js';
import type { TokenModel, V3TokenBody } from '../../common/token_model.js';
import { KnownToken, TokensAtHand } from './known_token.js';
import { sizeOfWords } from './memory.js';

/** Bytes, about, of a token without its id and without what it shares with others. */
const TOKEN_SIZE = 450;
/** Bodies that other tokens may share. */
const MAX_PATTERNS = 5000;
/** The part of the memory that bodies and answers may take, which can be made again. */
const AT_HAND = 1 / 4;

export interface ValidatedToken extends TokenModel {
  /** When it ends without anybody's doing: its expiry, or an earlier end of what it rests on. Milliseconds since 1970. */
  readonly until: number;
}

export class ValidatedTokens {
  private readonly kept: FreshCache<KnownToken>;
  private readonly atHand: TokensAtHand;
  private readonly patterns: LRUCache<string, V3TokenBody>;

  /**
   * @param state, glance see FreshCache
   * @param maxSize bytes that kept tokens may take, about, and as many for bodies that others may share: most of them
   *   are those of kept tokens
   */
  constructor(
    private readonly state: () => MaybePromise<string | undefined>,
    glance: () => string | undefined,
    maxSize: number,
  ) {
    this.atHand = new TokensAtHand(maxSize * AT_HAND);
    this.patterns = new LRUCache<string, V3TokenBody>({
      max: MAX_PATTERNS,
      maxSize,
      sizeCalculation: sizeOfWords,
    });
    const bounds = { maxSize: maxSize * (1 - AT_HAND), sizeOf: ({ size }: KnownToken) => size };
    this.kept = new FreshCache(state, bounds, {
      glance,
      onChange: () => {
        this.patterns.clear();
        this.atHand.clear();
      },
      // It would keep the body that it shares, with the catalog.
      onForget: (token) => this.atHand.remove(token),
    });
  }

  /** The kept token, when it is known to be good without waiting; undefined: `get`. */
  peek(id: string): TokenModel | undefined {
    return this.kept.peek(id, isOn);
  }

  /**
   * The kept token, or what `validate` says, which is told the state before it looks. A token that is kept is still
   * looked at for its end.
   */
  get(
    id: string,
    validate: (state: string | undefined) => Promise<ValidatedToken>,
  ): MaybePromise<TokenModel> {
    const state = this.state();
    const go = (known: string | undefined): MaybePromise<TokenModel> =>
      known === undefined
        ? validate(undefined)
        : this.kept.at(known, id, () => validate(known).then(this.pack), isOn);
    return isPromise(state) ? state.then(go) : go(state);
  }

  private readonly pack = (token: ValidatedToken): KnownToken => {
    const { body, id } = token;
    const known = this.patterns.get(patternKey(body));
    const isShared = known !== undefined && saysTheSame(known, body);
    if (!isShared) this.patterns.set(patternKey(body), body);
    const size = id.length + TOKEN_SIZE + (isShared ? 0 : sizeOfWords(body));
    return new KnownToken(
      { ...token, id, auditIds: body.audit_ids },
      isShared ? known : body,
      size,
      this.atHand,
    );
  };
}

const isOn = ({ until }: KnownToken): boolean => until > Date.now();

/** The same for tokens that may share a body; more is looked at by `saysTheSame`. */
function patternKey({ user, project, domain, methods, ...body }: V3TokenBody): string {
  const trust = body['OS-TRUST:trust']?.id;
  return JSON.stringify([
    user.id,
    project?.id,
    domain?.id,
    trust,
    body['OS-OAUTH1']?.access_token_id,
    methods,
  ]);
}

/** Members that each token has of its own. */
const OWN = new Set<string>(['expires_at', 'audit_ids', 'issued_at'] satisfies (keyof V3TokenBody)[]);

function saysTheSame(one: V3TokenBody, other: V3TokenBody): boolean {
  const names = Object.keys(one) as (keyof V3TokenBody)[];
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => OWN.has(name) || isDeepStrictEqual(one[name], other[name]))
  );
}
