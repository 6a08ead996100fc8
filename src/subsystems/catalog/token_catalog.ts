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

/** URLs kept taken apart; far more than a cloud has, and a bound all the same. */
const MAX_PARSED = 10_000;
/** These are absent by nature: an endpoint that needs one is for tokens of projects only. */
const OF_PROJECT: ReadonlySet<SubstitutionKey> = new Set(['tenant_id', 'project_id']);

export class TokenCatalog {
  private readonly parsed = new Map<string, EndpointUrl | null>();
  private readonly reported = new Set<string>();

  /** @param values substitutions that are the same for all tokens */
  constructor(private readonly values: Substitutions) {}

  render(stored: StoredCatalog, userId: string, projectId: string | null): CatalogService[] {
    const values = { ...this.values, user_id: userId, tenant_id: projectId, project_id: projectId };
    const services = stored.services.map(({ id, type, name, endpoints }) => ({
      endpoints: endpoints.flatMap((endpoint) => this.renderEndpoint(endpoint, values) ?? []),
      id,
      type,
      name,
    }));
    return stored.filtered ? services.filter(({ endpoints }) => endpoints.length > 0) : services;
  }

  private renderEndpoint(endpoint: StoredCatalogEndpoint, values: Substitutions): CatalogEndpoint | null {
    const url = this.renderUrl(endpoint, values);
    // `region` is what clients knew before regions had ids of their own.
    return url === null ? null : { ...endpoint, region: endpoint.region_id, url };
  }

  private renderUrl({ id, url }: StoredCatalogEndpoint, values: Substitutions): string | null {
    const parsed = this.parse(url);
    if (parsed === null) return this.report(id, url, 'it holds an unknown or incomplete substitution');
    const filled = fillEndpointUrl(parsed, values);
    if ('missing' in filled) {
      if (OF_PROJECT.has(filled.missing) && values.project_id === null) return null;
      return this.report(id, url, `there is no fitting value for ${filled.missing}`);
    }
    return filled.url === '' ? null : filled.url;
  }

  private parse(url: string): EndpointUrl | null {
    let parsed = this.parsed.get(url);
    if (parsed === undefined) {
      if (this.parsed.size >= MAX_PARSED) this.parsed.clear();
      parsed = parseEndpointUrl(url);
      this.parsed.set(url, parsed);
    }
    return parsed;
  }

  /** Says once what every token would have to say again. */
  private report(id: string, url: string, why: string): null {
    const key = `${id} ${url}`;
    if (!this.reported.has(key)) {
      if (this.reported.size >= MAX_PARSED) this.reported.clear();
      this.reported.add(key);
      log.error(`Malformed endpoint ${id} is left out of catalogs: ${url}: ${why}`);
    }
    return null;
  }
}
