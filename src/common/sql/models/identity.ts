/** Users (local, non-local and federated), their passwords and options, groups, memberships, public ids. */
import {
  bigint,
  boolean,
  counter,
  date,
  datetime,
  defineTable,
  enumeration,
  integer,
  nullable,
  type RowOf,
  text,
  varchar,
  withDefault,
} from '../table.js';

export const userTable = defineTable('user', {
  columns: {
    id: varchar(64),
    extra: nullable(text()),
    enabled: nullable(boolean()),
    default_project_id: nullable(varchar(64)),
    created_at: nullable(datetime()),
    last_active_at: nullable(date()),
    domain_id: varchar(64),
  },
  unique: [{ name: 'ixu_user_id_domain_id', columns: ['id', 'domain_id'] }],
  indexes: { ix_default_project_id: ['default_project_id'] },
  ownIndexes: [['domain_id']],
});

export const localUserTable = defineTable('local_user', {
  columns: {
    id: counter(),
    user_id: varchar(64),
    domain_id: varchar(64),
    name: varchar(255),
    failed_auth_count: nullable(integer()),
    failed_auth_at: nullable(datetime()),
  },
  unique: [{ columns: ['domain_id', 'name'] }, { columns: ['user_id'] }],
  ownIndexes: [['name']],
  foreignKeys: [
    {
      columns: ['user_id', 'domain_id'],
      references: 'user(id, domain_id)',
      onDelete: 'CASCADE',
      onUpdate: 'CASCADE',
      name: 'local_user_user_id_fkey',
    },
  ],
});

export const nonlocalUserTable = defineTable('nonlocal_user', {
  columns: {
    domain_id: varchar(64),
    name: varchar(255),
    user_id: varchar(64),
  },
  primaryKey: ['domain_id', 'name'],
  unique: [{ name: 'ixu_nonlocal_user_user_id', columns: ['user_id'] }],
  ownIndexes: [['name']],
  foreignKeys: [
    {
      columns: ['user_id', 'domain_id'],
      references: 'user(id, domain_id)',
      onDelete: 'CASCADE',
      onUpdate: 'CASCADE',
      name: 'nonlocal_user_user_id_fkey',
    },
  ],
});

export const federatedUserTable = defineTable('federated_user', {
  columns: {
    id: counter(),
    user_id: varchar(64),
    idp_id: varchar(64),
    protocol_id: varchar(64),
    unique_id: varchar(255),
    display_name: nullable(varchar(255)),
  },
  unique: [{ columns: ['idp_id', 'protocol_id', 'unique_id'] }],
  ownIndexes: [['user_id'], ['protocol_id', 'idp_id'], ['display_name']],
  foreignKeys: [
    { columns: ['user_id'], references: 'user(id)', onDelete: 'CASCADE' },
    { columns: ['idp_id'], references: 'identity_provider(id)', onDelete: 'CASCADE' },
    {
      columns: ['protocol_id', 'idp_id'],
      references: 'federation_protocol(id, idp_id)',
      onDelete: 'CASCADE',
      name: 'federated_user_protocol_id_fkey',
    },
  ],
});

export const passwordTable = defineTable('password', {
  columns: {
    id: counter(),
    local_user_id: integer(),
    /** Newton keeps its hash here; later releases in `password_hash`. */
    password: nullable(varchar(128)),
    expires_at: nullable(datetime()),
    self_service: withDefault(boolean(), false),
    password_hash: nullable(varchar(255)),
    created_at_int: withDefault(bigint(), 0),
    expires_at_int: nullable(bigint()),
    created_at: datetime(),
  },
  ownIndexes: [['local_user_id']],
  foreignKeys: [{ columns: ['local_user_id'], references: 'local_user(id)', onDelete: 'CASCADE' }],
});

export const userOptionTable = defineTable('user_option', {
  columns: {
    user_id: varchar(64),
    option_id: varchar(4),
    option_value: nullable(text()),
  },
  primaryKey: ['user_id', 'option_id'],
  foreignKeys: [{ columns: ['user_id'], references: 'user(id)', onDelete: 'CASCADE' }],
});

export const groupTable = defineTable('group', {
  columns: {
    id: varchar(64),
    domain_id: varchar(64),
    name: varchar(64),
    description: nullable(text()),
    extra: nullable(text()),
  },
  unique: [{ name: 'ixu_group_name_domain_id', columns: ['domain_id', 'name'] }],
});

export const userGroupMembershipTable = defineTable('user_group_membership', {
  columns: {
    user_id: varchar(64),
    group_id: varchar(64),
  },
  primaryKey: ['user_id', 'group_id'],
  indexes: { group_id: ['group_id'] },
  foreignKeys: [
    { columns: ['group_id'], references: 'group(id)', name: 'fk_user_group_membership_group_id' },
    { columns: ['user_id'], references: 'user(id)', name: 'fk_user_group_membership_user_id' },
  ],
});

export const expiringUserGroupMembershipTable = defineTable('expiring_user_group_membership', {
  columns: {
    user_id: varchar(64),
    group_id: varchar(64),
    idp_id: varchar(64),
    last_verified: datetime(),
  },
  primaryKey: ['user_id', 'group_id', 'idp_id'],
  ownIndexes: [['group_id'], ['idp_id']],
  foreignKeys: [
    { columns: ['user_id'], references: 'user(id)' },
    { columns: ['group_id'], references: 'group(id)' },
    { columns: ['idp_id'], references: 'identity_provider(id)', onDelete: 'CASCADE' },
  ],
});

export const idMappingTable = defineTable('id_mapping', {
  columns: {
    public_id: varchar(64),
    domain_id: varchar(64),
    local_id: varchar(255),
    entity_type: enumeration(5, ['user', 'group']),
  },
  primaryKey: ['public_id'],
  unique: [{ name: 'domain_id', columns: ['domain_id', 'local_id', 'entity_type'] }],
});

export type UserRow = RowOf<typeof userTable>;
export type LocalUserRow = RowOf<typeof localUserTable>;
export type NonlocalUserRow = RowOf<typeof nonlocalUserTable>;
export type FederatedUserRow = RowOf<typeof federatedUserTable>;
export type PasswordRow = RowOf<typeof passwordTable>;
export type UserOptionRow = RowOf<typeof userOptionTable>;
export type GroupRow = RowOf<typeof groupTable>;
export type UserGroupMembershipRow = RowOf<typeof userGroupMembershipTable>;
export type ExpiringUserGroupMembershipRow = RowOf<typeof expiringUserGroupMembershipTable>;
export type IdMappingRow = RowOf<typeof idMappingTable>;
