/** Policies and what they are associated with. */
import { defineTable, nullable, type RowOf, text, varchar } from '../table.js';

export const policyTable = defineTable('policy', {
  columns: {
    id: varchar(64),
    type: varchar(255),
    blob: text(),
    extra: nullable(text()),
  },
});

export const policyAssociationTable = defineTable('policy_association', {
  columns: {
    id: varchar(64),
    policy_id: varchar(64),
    endpoint_id: nullable(varchar(64)),
    service_id: nullable(varchar(64)),
    region_id: nullable(varchar(64)),
  },
  unique: [{ columns: ['endpoint_id', 'service_id', 'region_id'] }],
});

export type PolicyRow = RowOf<typeof policyTable>;
export type PolicyAssociationRow = RowOf<typeof policyAssociationTable>;
