/** Tokens as answered to clients. */
import type { TokenModel, V3TokenBody } from '../../common/token_model.js';

/** `{"token": {...}}`; without the catalog when the request said `nocatalog`. */
export function presentToken(token: TokenModel, includeCatalog: boolean): { token: V3TokenBody } {
  if (includeCatalog || token.body.catalog === undefined) return { token: token.body };
  const { catalog: _catalog, ...rest } = token.body;
  return { token: rest };
}
