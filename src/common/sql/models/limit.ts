/** Registered and project limits of later releases. */
import { counter, defineTable, integer, nullable, type RowOf, text, varchar } from '../table.js';

export const registeredLimitTable = defineTable('registered_limit', {
  columns: {
    id: varchar(64),
    service_id: nullable(varchar(255)),
    region_id: nullable(varchar(64)),
    resource_name: nullable(varchar(255)),
    default_limit: integer(),
    description: nullable(text()),
    internal_id: counter(),
  },
  primaryKey: ['internal_id'],
  unique: [{ name: 'registered_limit_id_key', columns: ['id'] }],
  ownIndexes: [['region_id']],
});

export const limitTable = defineTable('limit', {
  columns: {
    id: varchar(64),
    project_id: nullable(varchar(64)),
    resource_limit: integer(),
    description: nullable(text()),
    internal_id: counter(),
    registered_limit_id: nullable(varchar(64)),
    domain_id: nullable(varchar(64)),
  },
  primaryKey: ['internal_id'],
  unique: [{ name: 'limit_id_key', columns: ['id'] }],
  ownIndexes: [['registered_limit_id']],
});

export type RegisteredLimitRow = RowOf<typeof registeredLimitTable>;
export type LimitRow = RowOf<typeof limitTable>;
