/** What is kept of tokens takes memory: how much it may, and about how much it does. */
import type { CatalogService } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';

/** Bytes, about: of user, scope and roles, and of an endpoint that is not the same one in all catalogs. */
const WORDS_SIZE = 1500;
const ENDPOINT_SIZE = 250;
const MEGABYTE = 2 ** 20;

/** `[keystone_koa] token_memory` in bytes. */
export function tokenMemory({ keystone_koa: { token_memory: megabytes } }: Conf): number {
  return megabytes * MEGABYTE;
}

/** Bytes, about, of what a token says. Endpoints that are the same in all catalogs are frozen: they are kept once. */
export function sizeOfWords({ catalog }: { readonly catalog?: readonly CatalogService[] | null }): number {
  const own = (count: number, { endpoints }: CatalogService): number =>
    endpoints.reduce((sum, endpoint) => sum + (Object.isFrozen(endpoint) ? 0 : 1), count);
  return WORDS_SIZE + (catalog ?? []).reduce(own, 0) * ENDPOINT_SIZE;
}
