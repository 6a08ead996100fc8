/** Tokens as answered to clients. */
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

function inWords({ body }: TokenModel, includeCatalog: boolean): string {
  const { catalog, ...rest } = body;
  return JSON.stringify({ token: includeCatalog && catalog !== undefined ? body : rest });
}

/** As in lists of revoked tokens by audit id. */
export function presentRevokedToken({ expiresAt, auditId }: RevokedToken): Record<string, string> {
  return { expires: isoTime(expiresAt), audit_id: auditId };
}
