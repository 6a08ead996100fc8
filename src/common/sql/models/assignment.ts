/** Role assignments on projects, domains and the system. */
import { boolean, defineTable, enumeration, type RowOf, varchar } from '../table.js';

export const assignmentTable = defineTable('assignment', {
  columns: {
    type: enumeration(12, ['UserProject', 'GroupProject', 'UserDomain', 'GroupDomain']),
    actor_id: varchar(64),
    target_id: varchar(64),
    role_id: varchar(64),
    inherited: boolean(),
  },
  primaryKey: ['type', 'actor_id', 'target_id', 'role_id', 'inherited'],
  indexes: { ix_actor_id: ['actor_id'] },
  ownIndexes: [['target_id', 'inherited'], ['role_id']],
  foreignKeys: [
    { columns: ['role_id'], references: 'role(id)', name: 'fk_assignment_role_id', sqliteOnly: true },
  ],
});

export const systemAssignmentTable = defineTable('system_assignment', {
  columns: {
    type: varchar(64),
    actor_id: varchar(64),
    target_id: varchar(64),
    role_id: varchar(64),
    inherited: boolean(),
  },
  primaryKey: ['type', 'actor_id', 'target_id', 'role_id', 'inherited'],
});

export type AssignmentRow = RowOf<typeof assignmentTable>;
export type SystemAssignmentRow = RowOf<typeof systemAssignmentTable>;
