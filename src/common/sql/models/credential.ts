/** Credentials (EC2, TOTP, …) and application credentials. */
import {
  bigint,
  boolean,
  counter,
  defineTable,
  integer,
  nullable,
  type RowOf,
  text,
  varchar,
} from '../table.js';

export const credentialTable = defineTable('credential', {
  columns: {
    id: varchar(64),
    user_id: varchar(64),
    project_id: nullable(varchar(64)),
    type: varchar(255),
    extra: nullable(text()),
    key_hash: varchar(64),
    encrypted_blob: text(),
  },
  ownIndexes: [['user_id'], ['project_id']],
});

export const applicationCredentialTable = defineTable('application_credential', {
  columns: {
    internal_id: counter(),
    id: varchar(64),
    name: varchar(255),
    secret_hash: varchar(255),
    description: nullable(text()),
    user_id: varchar(64),
    project_id: nullable(varchar(64)),
    expires_at: nullable(bigint()),
    system: nullable(varchar(64)),
    unrestricted: nullable(boolean()),
  },
  primaryKey: ['internal_id'],
  unique: [{ name: 'duplicate_app_cred_constraint', columns: ['user_id', 'name'] }],
  ownIndexes: [['id']],
});

export const applicationCredentialRoleTable = defineTable('application_credential_role', {
  columns: {
    application_credential_id: integer(),
    role_id: varchar(64),
  },
  primaryKey: ['application_credential_id', 'role_id'],
  foreignKeys: [
    {
      columns: ['application_credential_id'],
      references: 'application_credential(internal_id)',
      onDelete: 'CASCADE',
    },
  ],
});

export const accessRuleTable = defineTable('access_rule', {
  columns: {
    id: counter(),
    service: nullable(varchar(64)),
    path: nullable(varchar(128)),
    method: nullable(varchar(16)),
    external_id: nullable(varchar(64)),
    user_id: nullable(varchar(64)),
  },
  unique: [
    { name: 'access_rule_external_id_key', columns: ['external_id'] },
    { name: 'duplicate_access_rule_for_user_constraint', columns: ['user_id', 'service', 'path', 'method'] },
  ],
  indexes: { external_id: ['external_id'], user_id: ['user_id'] },
});

export const applicationCredentialAccessRuleTable = defineTable('application_credential_access_rule', {
  columns: {
    application_credential_id: integer(),
    access_rule_id: integer(),
  },
  primaryKey: ['application_credential_id', 'access_rule_id'],
  ownIndexes: [['access_rule_id']],
  foreignKeys: [
    {
      columns: ['application_credential_id'],
      references: 'application_credential(internal_id)',
      onDelete: 'CASCADE',
    },
    { columns: ['access_rule_id'], references: 'access_rule(id)', onDelete: 'CASCADE' },
  ],
});

export type CredentialRow = RowOf<typeof credentialTable>;
export type ApplicationCredentialRow = RowOf<typeof applicationCredentialTable>;
export type ApplicationCredentialRoleRow = RowOf<typeof applicationCredentialRoleTable>;
export type AccessRuleRow = RowOf<typeof accessRuleTable>;
export type ApplicationCredentialAccessRuleRow = RowOf<typeof applicationCredentialAccessRuleTable>;
