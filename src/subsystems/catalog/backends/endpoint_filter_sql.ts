/**
 * The SQL catalog with an own view for each project: only the endpoints associated with it, where there are any.
 * Source: OS-EP-FILTER; `[endpoint_filter] return_all_endpoints_if_no_filter`.
 */
import { type Database, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { CatalogDriver } from '../driver.js';
import { inGroup } from '../endpoint_groups.js';
import type { StoredCatalog } from '../types.js';
import { type CatalogRow, groupCatalog } from './catalog_rows.js';
import { SqlCatalogDriver } from './sql.js';

/** Disabled ones too: an association with one is an association. */
const CATALOG_OF_PROJECT = prepareSql({
  text: `SELECT s.id AS service_id, s.type AS service_type, s.extra AS service_extra, s.enabled AS service_enabled,
      e.id, e.interface, e.region_id, e.url, e.extra, e.enabled, p.project_id
    FROM service s LEFT JOIN endpoint e ON e.service_id = s.id
      LEFT JOIN project_endpoint p ON p.endpoint_id = e.id AND p.project_id = ?
    ORDER BY s.id, e.id`,
  columns: {
    service_id: 'text',
    service_type: 'text?',
    service_extra: 'text?',
    service_enabled: 'boolean',
    id: 'text?',
    interface: 'text?',
    region_id: 'text?',
    url: 'text?',
    extra: 'text?',
    enabled: 'boolean?',
    project_id: 'text?',
  },
});

export function createDriver({ conf, database }: DriverContext): CatalogDriver {
  return new EndpointFilterCatalogDriver(database, conf.endpoint_filter.return_all_endpoints_if_no_filter);
}

class EndpointFilterCatalogDriver extends SqlCatalogDriver {
  constructor(
    database: Database,
    private readonly allIfNoFilter: boolean,
  ) {
    super(database);
  }

  override catalogFor(projectId: string | null): Promise<StoredCatalog> {
    return this.memo.get(projectId, () => this.loadFor(projectId));
  }

  private async loadFor(projectId: string | null): Promise<StoredCatalog> {
    const filtered = projectId === null ? [] : await this.rowsOfProject(projectId);
    if (filtered.length > 0) {
      const usable = filtered.filter((row) => row.service_enabled && row.enabled === true);
      return { services: groupCatalog(usable), filtered: true };
    }
    return this.allIfNoFilter ? this.loadCatalog() : { services: [], filtered: true };
  }

  private async rowsOfProject(projectId: string): Promise<readonly FilteredRow[]> {
    const groups = await this.listEndpointGroupsOfProject(projectId);
    const rows = await this.database.query(CATALOG_OF_PROJECT, [projectId]);
    return rows.filter((row) => {
      if (row.project_id !== null) return true;
      const { id, interface: kind, service_id, region_id } = row;
      return (
        id !== null &&
        kind !== null &&
        groups.some(({ filters }) => inGroup(filters, { interface: kind, service_id, region_id }))
      );
    });
  }
}

interface FilteredRow extends CatalogRow {
  readonly service_enabled: boolean;
  readonly enabled: boolean | null;
}
