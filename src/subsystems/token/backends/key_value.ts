/**
 * Tokens in a store of keys and values, as Newton keeps them there: the token under its id, ids of tokens in a list for
 * each user whom they concern, and a list of the revoked ones. Keys are digests; lists are cut into parts, so that they
 * stay small and many can add to them at a time.
 */
import { createHash } from 'node:crypto';
import { TokenNotFound } from '../../../common/errors.js';
import { getLogger } from '../../../common/log/index.js';
import type { Conf } from '../../../conf/index.js';
import type { NewStoredToken, RevokedToken, TokenCriteria, TokenStore } from '../store.js';
import { auditIdOfStored, factsOfStored, matchesCriteria, storedForm } from '../stored_token.js';
import type { TokenFacts } from '../types.js';

/** What is changed while others change it. `expiresAt` in milliseconds since the epoch. */
export interface Change {
  readonly value: string;
  readonly expiresAt: number;
}

/** Texts by key. What fails, fails as an error of the API. */
export interface KeyValueStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, expiresAt: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Replace a value by what `change` makes of it, whoever else does so at the same time; null leaves it. */
  update(key: string, change: (value: string | undefined) => Change | null): Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

interface ListedToken {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

type Entry = ListedToken | RevokedToken;

interface Batch {
  readonly entries: Entry[];
  readonly added: Promise<void>;
}

const log = getLogger('keystone.token.persistence');

const PARTS = 32;
/** Characters of a part: memcached takes 1 MB. */
const MAX_PART = 900_000;

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const tokenKey = (id: string): string => `keystone:token:${digest(id)}`;
const REVOKED = 'keystone:revocation-list';

export class KeyValueTokenStore implements TokenStore {
  /** Parts of lists that are being changed, each with what resolves when that is done, well or not. */
  private readonly changing = new Map<string, Promise<void>>();
  /** What is added next. */
  private readonly waiting = new Map<string, Batch>();

  constructor(
    private readonly store: KeyValueStore,
    private readonly conf: Pick<Conf, 'token'>,
  ) {}

  async create(token: NewStoredToken): Promise<void> {
    const { id, facts } = token;
    const { expiresAt } = facts;
    await this.store.set(tokenKey(id), JSON.stringify({ ...storedForm(token), expiresAt }), expiresAt);
    if (!this.conf.token.revoke_by_id) return;
    await Promise.all(listsOf(token).map((list) => this.addTo(partOf(list, id), { id, expiresAt })));
  }

  async read(id: string): Promise<TokenFacts> {
    const stored = await this.stored(id);
    if (stored === null) throw new TokenNotFound('Failed to validate token');
    return factsOfStored(stored);
  }

  async invalidate(id: string): Promise<void> {
    const stored = await this.stored(id);
    if (stored === null) return;
    const expiresAt = Number(stored['expiresAt']);
    const auditId = auditIdOfStored(stored);
    // Listed first: one that is gone without being listed could never be listed again.
    await this.addTo(partOf(REVOKED, id), { id, expiresAt, auditId });
    await this.store.delete(tokenKey(id));
  }

  /** Finds tokens by user, trust, consumer or access token: by nothing else are they listed, as in Newton. */
  async invalidateMatching(criteria: TokenCriteria): Promise<void> {
    const { trustId, accessTokenId, consumerId, userId } = criteria;
    const list =
      listName('trust', trustId) ??
      listName('access', accessTokenId) ??
      listName('consumer', consumerId) ??
      listName('user', userId);
    if (list === null) return;
    const ids = new Set((await this.readParts<ListedToken>(list)).map(({ id }) => id));
    for (const id of ids) {
      const stored = await this.stored(id);
      if (stored !== null && matchesCriteria(stored, criteria)) await this.invalidate(id);
    }
  }

  listRevoked(): Promise<readonly RevokedToken[]> {
    return this.readParts<RevokedToken>(REVOKED);
  }

  private async stored(id: string): Promise<Json | null> {
    const text = await this.store.get(tokenKey(id));
    return text === undefined ? null : object(text);
  }

  private async readParts<E extends ListedToken>(list: string): Promise<readonly E[]> {
    const parts = await Promise.all(
      Array.from({ length: PARTS }, (_, part) => this.store.get(`${list}:${part}`)),
    );
    // The lists of tokens and the revocation list are told apart by their names.
    return parts.flatMap((text) => unexpired(text) as readonly E[]);
  }

  /**
   * Add to a part of a list, together with all that came for it while it was being changed: in a storm of sign-ins of one
   * user, each for itself would only get in the others' way.
   */
  private addTo(part: string, entry: Entry): Promise<void> {
    const batch = this.waiting.get(part);
    if (batch !== undefined) {
      batch.entries.push(entry);
      return batch.added;
    }
    const entries = [entry];
    const before = this.changing.get(part) ?? Promise.resolve();
    const added = before.then(() => {
      this.waiting.delete(part);
      return this.addAll(part, entries);
    });
    this.waiting.set(part, { entries, added });
    const done = added
      .catch(() => undefined)
      .then(() => {
        if (this.changing.get(part) === done) this.changing.delete(part);
      });
    this.changing.set(part, done);
    return added;
  }

  private addAll(part: string, added: readonly Entry[]): Promise<void> {
    const ids = new Set(added.map(({ id }) => id));
    return this.store.update(part, (text) => {
      const now = Date.now();
      const fresh = added.filter(({ expiresAt }) => expiresAt > now);
      if (fresh.length === 0) return null;
      const entries = [...unexpired(text).filter(({ id }) => !ids.has(id)), ...fresh];
      return {
        value: fitting(entries, part),
        expiresAt: entries.reduce((latest, { expiresAt }) => Math.max(latest, expiresAt), 0),
      };
    });
  }
}

/** The lists that a token stands in: of those whom it speaks for, and of what else it goes with. */
function listsOf({ facts, body }: NewStoredToken): readonly string[] {
  const trust = body['OS-TRUST:trust'];
  const oauth = body['OS-OAUTH1'];
  const lists = [
    listName('user', facts.userId),
    listName('user', body.user.id),
    listName('user', trust?.trustor_user.id),
    listName('user', trust?.trustee_user.id),
    listName('trust', facts.trustId),
    listName('access', facts.accessTokenId),
    listName('consumer', oauth?.consumer_id),
  ];
  return [...new Set(lists)].filter((list) => list !== null);
}

function listName(kind: string, id: string | null | undefined): string | null {
  return id === null || id === undefined ? null : `keystone:${kind}tokens:${digest(id)}`;
}

function partOf(list: string, id: string): string {
  return `${list}:${(createHash('sha256').update(id).digest()[0] as number) % PARTS}`;
}

/** What is no list of ours, because somebody else wrote it, counts as empty. */
function unexpired(text: string | undefined): readonly ListedToken[] {
  if (text === undefined) return [];
  const { entries } = object(text) ?? {};
  const now = Date.now();
  return Array.isArray(entries) ? (entries as ListedToken[]).filter(({ expiresAt }) => expiresAt > now) : [];
}

/** The text of a list, without those that end first where it would be too long. */
function fitting(entries: readonly ListedToken[], part: string): string {
  const text = JSON.stringify({ entries });
  if (text.length <= MAX_PART) return text;
  log.warn(`The list ${part} is full: tokens that end soon are left out of it`);
  const kept = [...entries].sort((a, b) => b.expiresAt - a.expiresAt);
  return fitting(kept.slice(0, Math.floor(kept.length * 0.9)), part);
}

function object(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Json) : null;
  } catch {
    return null;
  }
}
