/** Rows of service-endpoint pairs as a catalog. */
import { unpackExtra } from '../../../common/sql/extra.js';
import type { StoredCatalogEndpoint, StoredCatalogService } from '../types.js';

/** One row per endpoint; a service without endpoints has one row without an endpoint. Rows of a service follow each other. */
export interface CatalogRow {
  readonly service_id: string;
  readonly service_type: string | null;
  readonly service_extra: string | null;
  readonly id: string | null;
  readonly interface: string | null;
  readonly region_id: string | null;
  readonly url: string | null;
  readonly extra: string | null;
}

export function groupCatalog(rows: readonly CatalogRow[]): StoredCatalogService[] {
  const services: (StoredCatalogService & { readonly endpoints: StoredCatalogEndpoint[] })[] = [];
  let current: (typeof services)[number] | undefined;
  for (const row of rows) {
    if (current?.id !== row.service_id) {
      const { name } = unpackExtra(row.service_extra);
      current = {
        id: row.service_id,
        type: row.service_type ?? '',
        name: typeof name === 'string' ? name : '',
        endpoints: [],
      };
      services.push(current);
    }
    const { id, interface: kind, region_id, url } = row;
    if (id !== null && kind !== null && url !== null) {
      current.endpoints.push({ ...unpackExtra(row.extra), id, interface: kind, region_id, url });
    }
  }
  return services;
}
