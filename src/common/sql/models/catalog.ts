/** Regions, services, endpoints, and what filters endpoints per project. */
import { boolean, defineTable, nullable, type RowOf, text, varchar, withDefault } from '../table.js';

export const regionTable = defineTable('region', {
  columns: {
    id: varchar(255),
    description: varchar(255),
    parent_region_id: nullable(varchar(255)),
    extra: nullable(text()),
  },
});

export const serviceTable = defineTable('service', {
  columns: {
    id: varchar(64),
    type: nullable(varchar(255)),
    enabled: withDefault(boolean(), true),
    extra: nullable(text()),
  },
});

export const endpointTable = defineTable('endpoint', {
  columns: {
    id: varchar(64),
    legacy_endpoint_id: nullable(varchar(64)),
    interface: varchar(8),
    service_id: varchar(64),
    url: text(),
    extra: nullable(text()),
    enabled: withDefault(boolean(), true),
    region_id: nullable(varchar(255)),
  },
  indexes: { service_id: ['service_id'] },
  ownIndexes: [['region_id']],
  foreignKeys: [
    { columns: ['region_id'], references: 'region(id)', name: 'fk_endpoint_region_id' },
    { columns: ['service_id'], references: 'service(id)', name: 'endpoint_service_id_fkey' },
  ],
});

export const endpointGroupTable = defineTable('endpoint_group', {
  columns: {
    id: varchar(64),
    name: varchar(255),
    description: nullable(text()),
    filters: text(),
  },
});

export const projectEndpointTable = defineTable('project_endpoint', {
  columns: {
    endpoint_id: varchar(64),
    project_id: varchar(64),
  },
  primaryKey: ['endpoint_id', 'project_id'],
  ownIndexes: [['project_id']],
});

export const projectEndpointGroupTable = defineTable('project_endpoint_group', {
  columns: {
    endpoint_group_id: varchar(64),
    project_id: varchar(64),
  },
  primaryKey: ['endpoint_group_id', 'project_id'],
  ownIndexes: [['project_id']],
  foreignKeys: [{ columns: ['endpoint_group_id'], references: 'endpoint_group(id)' }],
});

export type RegionRow = RowOf<typeof regionTable>;
export type ServiceRow = RowOf<typeof serviceTable>;
export type EndpointRow = RowOf<typeof endpointTable>;
export type EndpointGroupRow = RowOf<typeof endpointGroupTable>;
export type ProjectEndpointRow = RowOf<typeof projectEndpointTable>;
export type ProjectEndpointGroupRow = RowOf<typeof projectEndpointGroupTable>;
