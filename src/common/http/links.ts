/** Links of answers: absolute URLs under the public base of the service, whatever proxy or prefix is in front. */
import type { JsonObject } from '../context.js';
import { isRecord } from '../record.js';

export class Links {
  /** @param base public base URL without version and trailing slash, e.g. `https://cloud.example/identity` */
  constructor(
    readonly base: string,
    private readonly path: string,
    private readonly queryString: string,
  ) {}

  /** Absolute URL of a v3 path: `v3('/roles/x')`. */
  v3(path: string): string {
    return `${this.base}/v3${path}`;
  }

  /** URL of the request itself, with its query string (`links.self` of collections). */
  get self(): string {
    const url = this.v3(this.path);
    return this.queryString === '' ? url : `${url}?${this.queryString}`;
  }
}

export interface Linked {
  readonly links: { readonly self: string };
}

/** `{member: {...entity, links: {self}}}`; `collection` is the path of the collection, e.g. `/roles`. */
export function wrapMember(
  links: Links,
  member: string,
  collection: string,
  entity: { readonly id: string },
): Record<string, object> {
  return { [member]: withSelf(links, collection, entity) };
}

export function withSelf<T extends { readonly id: string; readonly links?: unknown }>(
  links: Links,
  collection: string,
  entity: T,
): T & Linked {
  // Clients may have stored anything under the name.
  const { links: own } = entity;
  return { ...entity, links: { ...(isRecord(own) && own), self: links.v3(`${collection}/${entity.id}`) } };
}

/**
 * `{collection: [...], links: {self, next, previous}, truncated?}`. There is no paging in v3: next and previous are
 * always null; a list cut by `list_limit` says `truncated: true`.
 */
export function wrapCollection(
  links: Links,
  name: string,
  collection: string,
  entities: readonly { readonly id: string }[],
  truncated: boolean,
): JsonObject {
  const body: Record<string, unknown> = {
    links: { next: null, previous: null, self: links.self },
    [name]: entities.map((entity) => withSelf(links, collection, entity)),
  };
  if (truncated) body['truncated'] = true;
  return body as JsonObject;
}
