/** Tokens as answered to clients. */
import { LRUCache } from 'lru-cache';
import { lastingAnswer } from '../../common/own_bytes.js';
import { isoTime } from '../../common/time.js';
import type { TokenModel } from '../../common/token_model.js';
import { KnownToken } from './known_token.js';
import type { RevokedToken } from './store.js';

/**
 * `{"token": {...}}` as JSON; without the catalog when the request said `nocatalog`. A token that is kept is not put
 * into words again.
 */
export function presentToken(token: TokenModel, includeCatalog: boolean): string | Buffer {
  if (!(token instanceof KnownToken)) return inWords(token, includeCatalog);
  const kind = includeCatalog ? 'v3' : 'v3 without catalog';
  let answer = token.answer(kind);
  if (answer === undefined) {
    answer = lastingAnswer(inWords(token, includeCatalog));
    token.keepAnswer(kind, answer);
  }
  return answer;
}

/** As `JSON.stringify`, member by member, so that the catalog need not be put into words each time. */
function inWords({ body }: TokenModel, includeCatalog: boolean): string {
  const members: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined || (name === 'catalog' && !includeCatalog)) continue;
    const words = value === body.catalog ? catalogInWords(value) : JSON.stringify(value);
    members.push(`${JSON.stringify(name)}:${words}`);
  }
  return `{"token":{${members.join()}}}`;
}

/** The catalogs that were answered last: each is the same object in all tokens of a user for a scope. */
const catalogs = new LRUCache<object, string>({
  maxSize: 2 ** 20,
  sizeCalculation: ({ length }) => 1 + length,
});

function catalogInWords(catalog: object): string {
  let words = catalogs.get(catalog);
  if (words === undefined) {
    words = JSON.stringify(catalog);
    catalogs.set(catalog, words);
  }
  return words;
}

/** As in lists of revoked tokens by audit id. */
export function presentRevokedToken({ expiresAt, auditId }: RevokedToken): Record<string, string> {
  return { expires: isoTime(expiresAt), audit_id: auditId };
}
