/** Roles, their options, and which role implies which. */
import { defineTable, nullable, type RowOf, text, varchar, withDefault } from '../table.js';

export const roleTable = defineTable('role', {
  columns: {
    id: varchar(64),
    name: varchar(255),
    extra: nullable(text()),
    domain_id: withDefault(varchar(64), '<<null>>'),
    description: nullable(varchar(255)),
  },
  unique: [{ name: 'ixu_role_name_domain_id', columns: ['name', 'domain_id'] }],
});

export const roleOptionTable = defineTable('role_option', {
  columns: {
    role_id: varchar(64),
    option_id: varchar(4),
    option_value: nullable(text()),
  },
  primaryKey: ['role_id', 'option_id'],
  foreignKeys: [{ columns: ['role_id'], references: 'role(id)', onDelete: 'CASCADE' }],
});

export const impliedRoleTable = defineTable('implied_role', {
  columns: {
    prior_role_id: varchar(64),
    implied_role_id: varchar(64),
  },
  primaryKey: ['prior_role_id', 'implied_role_id'],
  ownIndexes: [['implied_role_id']],
  foreignKeys: [
    {
      columns: ['implied_role_id'],
      references: 'role(id)',
      onDelete: 'CASCADE',
      name: 'implied_role_implied_role_id_fkey',
    },
    {
      columns: ['prior_role_id'],
      references: 'role(id)',
      onDelete: 'CASCADE',
      name: 'implied_role_prior_role_id_fkey',
    },
  ],
});

export type RoleRow = RowOf<typeof roleTable>;
export type RoleOptionRow = RowOf<typeof roleOptionTable>;
export type ImpliedRoleRow = RowOf<typeof impliedRoleTable>;
