/** Projects and domains: a domain is a project whose `is_domain` is true. */
import { boolean, defineTable, nullable, type RowOf, text, varchar, withDefault } from '../table.js';

export const projectTable = defineTable('project', {
  columns: {
    id: varchar(64),
    name: varchar(64),
    extra: nullable(text()),
    description: nullable(text()),
    enabled: nullable(boolean()),
    domain_id: varchar(64),
    parent_id: nullable(varchar(64)),
    is_domain: withDefault(boolean(), false),
  },
  unique: [{ name: 'ixu_project_name_domain_id', columns: ['domain_id', 'name'] }],
  ownIndexes: [['parent_id']],
  foreignKeys: [
    { columns: ['domain_id'], references: 'project(id)', name: 'project_domain_id_fkey' },
    { columns: ['parent_id'], references: 'project(id)', name: 'project_parent_id_fkey' },
  ],
});

export const projectOptionTable = defineTable('project_option', {
  columns: {
    project_id: varchar(64),
    option_id: varchar(4),
    option_value: nullable(text()),
  },
  primaryKey: ['project_id', 'option_id'],
  foreignKeys: [{ columns: ['project_id'], references: 'project(id)', onDelete: 'CASCADE' }],
});

export const projectTagTable = defineTable('project_tag', {
  columns: {
    project_id: varchar(64),
    name: varchar(255),
  },
  primaryKey: ['project_id', 'name'],
  unique: [{ columns: ['project_id', 'name'] }],
  foreignKeys: [{ columns: ['project_id'], references: 'project(id)', onDelete: 'CASCADE' }],
});

export type ProjectRow = RowOf<typeof projectTable>;
export type ProjectOptionRow = RowOf<typeof projectOptionTable>;
export type ProjectTagRow = RowOf<typeof projectTagTable>;
