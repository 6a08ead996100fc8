/**
 * What tokens are answered with, in the configured cache: shared among processes, under the proof that nothing they
 * rest on has changed since (see `common/cache/shared_cache.ts`). The tokens themselves stay outside: each process
 * reads a token by its own means first, so that a key that is gone or a token that was deleted counts at once.
 */
import { type CacheRegion, type CacheSource, type Form, NO_CACHE } from '../../common/cache/index.js';
import type { CatalogService, NamedRef, V3TokenBody } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';
import type { TokenFacts } from './types.js';

/** That a token is good, and what it says in full. */
export interface Judgement {
  readonly body: V3TokenBody;
  /** When it ends without anybody's doing. Milliseconds since 1970. */
  readonly until: number;
}

export class SharedAnswers {
  readonly judgements: CacheRegion<Judgement>;
  /** Roles of a user on a scope. */
  readonly roles: CacheRegion<readonly NamedRef[]>;
  /** Catalogs as they stand in tokens. */
  readonly catalogs: CacheRegion<readonly CatalogService[]>;

  constructor({ conf, cache = NO_CACHE }: { readonly conf: Conf; readonly cache?: CacheSource }) {
    const { token, revoke, identity, resource, role, catalog } = conf;
    // A judgement holds data of all these: names, roles, endpoints, and that no event hits the token.
    const sections = [token, revoke, identity, resource, role, catalog];
    this.judgements = cache.region({ name: 'token', sections, form: JUDGEMENT });
    this.roles = cache.region({ name: 'role', sections: [role], form: listForm<NamedRef>() });
    this.catalogs = cache.region({ name: 'catalog', sections: [catalog], form: listForm<CatalogService>() });
  }
}

/** The key of a judgement: all that a token says of itself. */
export function keyOfFacts(facts: TokenFacts): string {
  return JSON.stringify([
    facts.auditIds,
    facts.userId,
    facts.methods,
    facts.projectId,
    facts.domainId,
    facts.trustId,
    facts.accessTokenId,
    facts.federation,
    facts.issuedAt,
    facts.expiresAt,
    facts.bind,
  ]);
}

const JUDGEMENT: Form<Judgement> = {
  pack: ({ body, until }) => ({ body, until }),
  unpack(data) {
    if (data === null || typeof data !== 'object' || !('body' in data) || !('until' in data))
      return undefined;
    const { body, until } = data;
    if (typeof until !== 'number' || until <= Date.now()) return undefined;
    if (body === null || typeof body !== 'object') return undefined;
    // It was packed by another process of this version: the key says so.
    return { body: body as V3TokenBody, until };
  },
};

function listForm<Item>(): Form<readonly Item[]> {
  return {
    pack: (items) => items,
    unpack: (data) => (Array.isArray(data) ? (data as readonly Item[]) : undefined),
  };
}
