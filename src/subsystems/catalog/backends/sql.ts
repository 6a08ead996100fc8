/** Regions, services and endpoints in the SQL tables of these names; the catalog in one statement. */
import { Conflict, EndpointNotFound, RegionNotFound, ServiceNotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import {
  DuplicateError,
  type EndpointRow,
  prepareSql,
  type RegionRow,
  type ServiceRow,
} from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { CatalogDriver } from '../driver.js';
import type { Endpoint, Region, Service, StoredCatalog } from '../types.js';
import { CatalogMemo } from './catalog_memo.js';
import { groupCatalog } from './catalog_rows.js';
import { SqlEndpointFilterDriver } from './sql_endpoint_filter.js';

const REGION_COLUMNS = ['id', 'description', 'parent_region_id'] as const;
/** The name of a service is not a column: it lives in `extra`. */
const SERVICE_COLUMNS = ['id', 'type', 'enabled'] as const;
const ENDPOINT_COLUMNS = [
  'id',
  'interface',
  'region_id',
  'service_id',
  'url',
  'legacy_endpoint_id',
  'enabled',
] as const;

const REGION_PARENTS = prepareSql({
  text: 'SELECT id, parent_region_id FROM region',
  columns: { id: 'text', parent_region_id: 'text?' },
});

const CATALOG = prepareSql({
  text: `SELECT s.id AS service_id, s.type AS service_type, s.extra AS service_extra,
      e.id, e.interface, e.region_id, e.url, e.extra
    FROM service s LEFT JOIN endpoint e ON e.service_id = s.id AND e.enabled = TRUE
    WHERE s.enabled = TRUE ORDER BY s.id, e.id`,
  columns: {
    service_id: 'text',
    service_type: 'text?',
    service_extra: 'text?',
    id: 'text?',
    interface: 'text?',
    region_id: 'text?',
    url: 'text?',
    extra: 'text?',
  },
});

export function createDriver({ database }: DriverContext): CatalogDriver {
  return new SqlCatalogDriver(database);
}

export class SqlCatalogDriver extends SqlEndpointFilterDriver implements CatalogDriver {
  protected readonly memo = new CatalogMemo(this.database);

  assertWritable(): void {
    // Everything can be changed.
  }

  async createRegion(region: Region): Promise<Region> {
    const { id, description, parent_region_id } = region;
    const { extra } = packExtra(region, REGION_COLUMNS);
    try {
      await this.database.table('region').insert({ id, description, parent_region_id, extra });
    } catch (error) {
      if (!(error instanceof DuplicateError)) throw error;
      throw new Conflict({ type: 'region', details: `Duplicate ID, ${id}.` }, { cause: error });
    }
    return this.getRegion(id);
  }

  async listRegions(hints: Hints): Promise<Region[]> {
    return (await this.database.table('region').find({ hints, order: ['id'] })).map(toRegion);
  }

  async getRegion(id: string): Promise<Region> {
    const row = await this.database.table('region').get(id);
    if (row === null) throw new RegionNotFound({ region_id: id });
    return toRegion(row);
  }

  async updateRegion(id: string, changes: Partial<Region>): Promise<Region> {
    const updated: Region = { ...(await this.getRegion(id)), ...changes, id };
    const { description, parent_region_id } = updated;
    const { extra } = packExtra(updated, REGION_COLUMNS);
    await this.database.table('region').update({ id }, { description, parent_region_id, extra });
    return this.getRegion(id);
  }

  async deleteRegions(ids: readonly string[]): Promise<void> {
    await this.database.table('region').delete({ id: ids });
  }

  async regionParents(): Promise<ReadonlyMap<string, string | null>> {
    const rows = await this.database.query(REGION_PARENTS);
    return new Map(rows.map(({ id, parent_region_id }) => [id, parent_region_id]));
  }

  async createService(service: Service): Promise<Service> {
    const { id, type, enabled } = service;
    const { extra } = packExtra(service, SERVICE_COLUMNS);
    await this.database.table('service').insert({ id, type, enabled, extra });
    return this.getService(id);
  }

  async listServices(hints: Hints): Promise<Service[]> {
    return (await this.database.table('service').find({ hints, order: ['id'] })).map(toService);
  }

  async getService(id: string): Promise<Service> {
    const row = await this.database.table('service').get(id);
    if (row === null) throw new ServiceNotFound({ service_id: id });
    return toService(row);
  }

  async updateService(id: string, changes: Partial<Service>): Promise<Service> {
    const updated: Service = { ...(await this.getService(id)), ...changes, id };
    const { type, enabled } = updated;
    const { extra } = packExtra(updated, SERVICE_COLUMNS);
    await this.database.table('service').update({ id }, { type, enabled, extra });
    return this.getService(id);
  }

  async deleteService(id: string): Promise<void> {
    await this.database.table('endpoint').delete({ service_id: id });
    const deleted = await this.database.table('service').delete({ id });
    if (deleted === 0) throw new ServiceNotFound({ service_id: id });
  }

  async createEndpoint(endpoint: Endpoint): Promise<Endpoint> {
    const { extra } = packExtra(endpoint, ENDPOINT_COLUMNS);
    await this.database.table('endpoint').insert({ ...endpointColumns(endpoint), id: endpoint.id, extra });
    return this.getEndpoint(endpoint.id);
  }

  async listEndpoints(hints: Hints): Promise<Endpoint[]> {
    return (await this.database.table('endpoint').find({ hints, order: ['id'] })).map(toEndpoint);
  }

  async listEndpointsFromIds(ids: readonly string[]): Promise<Endpoint[]> {
    return this.endpointsWhere('id', ids);
  }

  async listEndpointsOfServices(serviceIds: readonly string[]): Promise<Endpoint[]> {
    return this.endpointsWhere('service_id', serviceIds);
  }

  async listEndpointsInRegions(regionIds: readonly string[]): Promise<Endpoint[]> {
    return this.endpointsWhere('region_id', regionIds);
  }

  async getEndpoint(id: string): Promise<Endpoint> {
    const row = await this.database.table('endpoint').get(id);
    if (row === null) throw new EndpointNotFound({ endpoint_id: id });
    return toEndpoint(row);
  }

  async updateEndpoint(id: string, changes: Partial<Endpoint>): Promise<Endpoint> {
    const updated: Endpoint = { ...(await this.getEndpoint(id)), ...changes, id };
    const { extra } = packExtra(updated, ENDPOINT_COLUMNS);
    await this.database.table('endpoint').update({ id }, { ...endpointColumns(updated), extra });
    return this.getEndpoint(id);
  }

  async deleteEndpoint(id: string): Promise<void> {
    const deleted = await this.database.table('endpoint').delete({ id });
    if (deleted === 0) throw new EndpointNotFound({ endpoint_id: id });
  }

  async catalogFor(_projectId: string | null): Promise<StoredCatalog> {
    return this.memo.get(null, () => this.loadCatalog());
  }

  protected async loadCatalog(): Promise<StoredCatalog> {
    return { services: groupCatalog(await this.database.query(CATALOG)), filtered: false };
  }

  private async endpointsWhere(
    column: 'id' | 'service_id' | 'region_id',
    values: readonly string[],
  ): Promise<Endpoint[]> {
    if (values.length === 0) return [];
    const rows = await this.database.table('endpoint').find({ where: { [column]: values }, order: ['id'] });
    return rows.map(toEndpoint);
  }
}

function toRegion({ extra, ...columns }: RegionRow): Region {
  return { ...unpackExtra(extra), ...columns };
}

function toService({ id, type, enabled, extra }: ServiceRow): Service {
  const { name, ...others } = unpackExtra(extra);
  return { ...others, id, type: type ?? '', name: typeof name === 'string' ? name : '', enabled };
}

function toEndpoint({ extra, ...columns }: EndpointRow): Endpoint {
  return { ...unpackExtra(extra), ...columns };
}

function endpointColumns(endpoint: Endpoint): Omit<EndpointRow, 'id' | 'extra'> {
  const { interface: kind, region_id, service_id, url, legacy_endpoint_id, enabled } = endpoint;
  return { interface: kind, region_id, service_id, url, legacy_endpoint_id, enabled };
}
