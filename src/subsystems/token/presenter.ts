/** Tokens as answered to clients. */
import { LRUCache } from 'lru-cache';
import { ownBytes } from '../../common/own_bytes.js';
import { isoTime } from '../../common/time.js';
import type { TokenModel } from '../../common/token_model.js';
import type { RevokedToken } from './store.js';

/** Bytes of answers kept per process: of tokens with the catalog of a usual cloud some thousands. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Answers that were given before: a token that is asked about again is not put into words again. */
const withCatalog = new LRUCache<TokenModel, Buffer>({ maxSize: MAX_BYTES, sizeCalculation: sizeOf });
const withoutCatalog = new LRUCache<TokenModel, Buffer>({ maxSize: MAX_BYTES / 4, sizeCalculation: sizeOf });

function sizeOf({ length }: Buffer): number {
  return length;
}

/** `{"token": {...}}` as JSON; without the catalog when the request said `nocatalog`. */
export function presentToken(token: TokenModel, includeCatalog: boolean): Buffer {
  const made = includeCatalog ? withCatalog : withoutCatalog;
  let body = made.get(token);
  if (body === undefined) {
    const { catalog, ...rest } = token.body;
    const shown = includeCatalog && catalog !== undefined ? token.body : rest;
    body = ownBytes(JSON.stringify({ token: shown }));
    made.set(token, body);
  }
  return body;
}

/** As in lists of revoked tokens by audit id. */
export function presentRevokedToken({ expiresAt, auditId }: RevokedToken): Record<string, string> {
  return { expires: isoTime(expiresAt), audit_id: auditId };
}
