/**
 * JSON home (draft-nottingham-json-home-03): the relations by which clients find resources.
 * Names as in the Identity API: core relations and those of extensions.
 */
const BASE = 'http://docs.openstack.org/api/openstack-identity/3';

export interface Relation {
  /** Full relation URL. */
  readonly rel: string;
  /** Relation URL of path variables whose name differs from the default `param/<variable>`. */
  readonly params?: Readonly<Record<string, string>>;
  readonly status?: 'deprecated' | 'experimental';
  /** Path to publish instead of the route's own. */
  readonly href?: string;
}

type RelationExtras = Omit<Relation, 'rel'>;

export function coreRel(name: string, extras: RelationExtras = {}): Relation {
  return { rel: `${BASE}/rel/${name}`, ...extras };
}

export function extensionRel(extension: string, name: string, extras: RelationExtras = {}): Relation {
  return { rel: `${BASE}/ext/${extension}/1.0/rel/${name}`, ...extras };
}

export function coreParam(name: string): string {
  return `${BASE}/param/${name}`;
}

export function extensionParam(extension: string, name: string): string {
  return `${BASE}/ext/${extension}/1.0/param/${name}`;
}

export interface JsonHomeResource {
  href?: string;
  'href-template'?: string;
  'href-vars'?: Record<string, string>;
  hints?: { status: string };
}

export type JsonHomeResources = Record<string, JsonHomeResource>;

/**
 * The resources of a route table, hrefs relative to the version's mount (clients resolve them).
 * @param prefix put before each href (`/v3` in the document at the root)
 */
export function jsonHome(
  routes: readonly { readonly path: string; readonly rel?: Relation }[],
  prefix = '',
): JsonHomeResources {
  const resources: JsonHomeResources = {};
  for (const { path, rel } of routes) {
    if (rel === undefined) continue;
    const href = `${prefix}${rel.href ?? path}`;
    const variables = [...(rel.href ?? path).matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
    const resource: JsonHomeResource = {};
    if (variables.length === 0) {
      resource.href = href;
    } else {
      resource['href-template'] = href;
      resource['href-vars'] = Object.fromEntries(
        variables.map((name) => [name, rel.params?.[name] ?? coreParam(name)]),
      );
    }
    if (rel.status !== undefined) resource.hints = { status: rel.status };
    resources[rel.rel] = resource;
  }
  return resources;
}
