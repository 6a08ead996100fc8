/** The catalog of a token from the stored one: URLs filled in, unusable endpoints left out. */
import { getLogger } from '../../common/log/index.js';
import type { CatalogEndpoint, CatalogService } from '../../common/token_model.js';
import {
  type EndpointUrl,
  fillEndpointUrl,
  parseEndpointUrl,
  type SubstitutionKey,
  type Substitutions,
} from './endpoint_url.js';
import type { StoredCatalog, StoredCatalogEndpoint } from './types.js';

const log = getLogger('keystone.catalog');

/** Far more than a cloud has, and a bound all the same. */
const MAX_REPORTED = 10_000;
/** These are absent by nature: an endpoint that needs one is for tokens of projects only. */
const OF_PROJECT: ReadonlySet<SubstitutionKey> = new Set(['tenant_id', 'project_id']);

/** Made once from a stored catalog, for all tokens. */
interface PreparedService extends Omit<CatalogService, 'endpoints'> {
  readonly endpoints: readonly PreparedEndpoint[];
}
/** `url` is null for an endpoint that is the same in all tokens. */
interface PreparedEndpoint {
  readonly endpoint: CatalogEndpoint;
  readonly url: EndpointUrl | null;
}

export class TokenCatalog {
  private readonly prepared = new WeakMap<StoredCatalog, readonly PreparedService[]>();
  private readonly reported = new Set<string>();

  /** @param values substitutions that are the same for all tokens */
  constructor(private readonly values: Substitutions) {}

  /** Tokens share what is the same in all of them: the result is not to be changed. */
  render(stored: StoredCatalog, userId: string, projectId: string | null): CatalogService[] {
    const values = { ...this.values, user_id: userId, tenant_id: projectId, project_id: projectId };
    let prepared = this.prepared.get(stored);
    if (prepared === undefined) {
      prepared = this.prepare(stored);
      this.prepared.set(stored, prepared);
    }
    const services = prepared.map(({ id, type, name, endpoints }) => {
      const usable: CatalogEndpoint[] = [];
      for (const { endpoint, url } of endpoints) {
        const filled = url === null ? endpoint : this.fill(endpoint, url, values);
        if (filled !== null) usable.push(filled);
      }
      return { endpoints: usable, id, type, name };
    });
    return stored.filtered ? services.filter(({ endpoints }) => endpoints.length > 0) : services;
  }

  private prepare({ services }: StoredCatalog): PreparedService[] {
    return services.map(({ id, type, name, endpoints }) => ({
      id,
      type,
      name,
      endpoints: endpoints.flatMap((endpoint) => this.prepareEndpoint(endpoint) ?? []),
    }));
  }

  private prepareEndpoint(stored: StoredCatalogEndpoint): PreparedEndpoint | null {
    const { id, url } = stored;
    if (url === '') return null;
    const parsed = parseEndpointUrl(url);
    if (parsed === null) return this.report(id, url, 'it holds an unknown or incomplete substitution');
    // `region` is what clients knew before regions had ids of their own.
    const endpoint: CatalogEndpoint = { ...stored, region: stored.region_id };
    const literal = fillEndpointUrl(parsed, {});
    if ('missing' in literal) return { endpoint, url: parsed };
    return { endpoint: Object.freeze({ ...endpoint, url: literal.url }), url: null };
  }

  private fill(endpoint: CatalogEndpoint, url: EndpointUrl, values: Substitutions): CatalogEndpoint | null {
    const filled = fillEndpointUrl(url, values);
    if ('url' in filled) return filled.url === '' ? null : { ...endpoint, url: filled.url };
    if (OF_PROJECT.has(filled.missing) && values.project_id === null) return null;
    return this.report(endpoint.id, endpoint.url, `there is no fitting value for ${filled.missing}`);
  }

  /** Says once what every token would have to say again. */
  private report(id: string, url: string, why: string): null {
    const key = `${id} ${url}`;
    if (!this.reported.has(key)) {
      if (this.reported.size >= MAX_REPORTED) this.reported.clear();
      this.reported.add(key);
      log.error(`Malformed endpoint ${id} is left out of catalogs: ${url}: ${why}`);
    }
    return null;
  }
}
