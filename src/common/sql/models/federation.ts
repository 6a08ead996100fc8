/** Identity providers, protocols, mappings and service providers. */
import { boolean, defineTable, integer, nullable, type RowOf, text, varchar, withDefault } from '../table.js';

export const identityProviderTable = defineTable('identity_provider', {
  columns: {
    id: varchar(64),
    enabled: boolean(),
    description: nullable(text()),
    domain_id: varchar(64),
    authorization_ttl: nullable(integer()),
  },
  ownIndexes: [['domain_id']],
});

export const idpRemoteIdsTable = defineTable('idp_remote_ids', {
  columns: {
    idp_id: nullable(varchar(64)),
    remote_id: varchar(255),
  },
  primaryKey: ['remote_id'],
  ownIndexes: [['idp_id']],
  foreignKeys: [{ columns: ['idp_id'], references: 'identity_provider(id)', onDelete: 'CASCADE' }],
});

export const federationProtocolTable = defineTable('federation_protocol', {
  columns: {
    id: varchar(64),
    idp_id: varchar(64),
    mapping_id: varchar(64),
    remote_id_attribute: nullable(varchar(64)),
  },
  primaryKey: ['id', 'idp_id'],
  ownIndexes: [['idp_id']],
  foreignKeys: [{ columns: ['idp_id'], references: 'identity_provider(id)', onDelete: 'CASCADE' }],
});

export const mappingTable = defineTable('mapping', {
  columns: {
    id: varchar(64),
    rules: text(),
  },
});

export const serviceProviderTable = defineTable('service_provider', {
  columns: {
    auth_url: varchar(256),
    id: varchar(64),
    enabled: boolean(),
    description: nullable(text()),
    sp_url: varchar(256),
    relay_state_prefix: withDefault(varchar(256), 'ss:mem:'),
  },
});

export type IdentityProviderRow = RowOf<typeof identityProviderTable>;
export type IdpRemoteIdsRow = RowOf<typeof idpRemoteIdsTable>;
export type FederationProtocolRow = RowOf<typeof federationProtocolTable>;
export type MappingRow = RowOf<typeof mappingTable>;
export type ServiceProviderRow = RowOf<typeof serviceProviderTable>;
