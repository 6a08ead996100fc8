/** Trusts and the roles that they delegate. */
import {
  bigint,
  boolean,
  datetime,
  defineTable,
  integer,
  nullable,
  type RowOf,
  text,
  varchar,
} from '../table.js';

export const trustTable = defineTable('trust', {
  columns: {
    id: varchar(64),
    trustor_user_id: varchar(64),
    trustee_user_id: varchar(64),
    project_id: nullable(varchar(64)),
    impersonation: boolean(),
    deleted_at: nullable(datetime()),
    expires_at: nullable(datetime()),
    remaining_uses: nullable(integer()),
    extra: nullable(text()),
    expires_at_int: nullable(bigint()),
    redelegated_trust_id: nullable(varchar(64)),
    redelegation_count: nullable(integer()),
  },
  unique: [
    {
      name: 'duplicate_trust_constraint_expanded',
      columns: [
        'trustor_user_id',
        'trustee_user_id',
        'project_id',
        'impersonation',
        'expires_at',
        'expires_at_int',
      ],
    },
  ],
  ownIndexes: [['trustee_user_id'], ['project_id']],
});

export const trustRoleTable = defineTable('trust_role', {
  columns: {
    trust_id: varchar(64),
    role_id: varchar(64),
  },
  primaryKey: ['trust_id', 'role_id'],
  ownIndexes: [['role_id']],
});

export type TrustRow = RowOf<typeof trustTable>;
export type TrustRoleRow = RowOf<typeof trustRoleTable>;
