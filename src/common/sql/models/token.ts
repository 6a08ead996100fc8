/** Persisted tokens and revocation events. */
import { boolean, counter, datetime, defineTable, nullable, type RowOf, text, varchar } from '../table.js';

export const tokenTable = defineTable('token', {
  columns: {
    id: varchar(64),
    expires: nullable(datetime()),
    extra: nullable(text()),
    valid: boolean(),
    trust_id: nullable(varchar(64)),
    user_id: nullable(varchar(64)),
  },
  indexes: {
    ix_token_expires: ['expires'],
    ix_token_expires_valid: ['expires', 'valid'],
    ix_token_trust_id: ['trust_id'],
    ix_token_user_id: ['user_id'],
  },
});

export const revocationEventTable = defineTable('revocation_event', {
  columns: {
    id: counter(),
    domain_id: nullable(varchar(64)),
    project_id: nullable(varchar(64)),
    user_id: nullable(varchar(64)),
    role_id: nullable(varchar(64)),
    trust_id: nullable(varchar(64)),
    consumer_id: nullable(varchar(64)),
    access_token_id: nullable(varchar(64)),
    issued_before: datetime(),
    expires_at: nullable(datetime()),
    revoked_at: datetime(),
    audit_id: nullable(varchar(32)),
    audit_chain_id: nullable(varchar(32)),
  },
  indexes: {
    ix_revocation_event_audit_id_issued_before: ['audit_id', 'issued_before'],
    ix_revocation_event_issued_before: ['issued_before'],
    ix_revocation_event_new_revoked_at: ['revoked_at'],
    ix_revocation_event_project_id_issued_before: ['project_id', 'issued_before'],
    ix_revocation_event_user_id_issued_before: ['user_id', 'issued_before'],
  },
  // Events that name neither user nor project nor audit id: each is found by the first column that it names.
  ownIndexes: [
    [
      'audit_id',
      'user_id',
      'project_id',
      'domain_id',
      'role_id',
      'trust_id',
      'consumer_id',
      'access_token_id',
      'audit_chain_id',
      'issued_before',
    ],
  ],
});

export type TokenRow = RowOf<typeof tokenTable>;
export type RevocationEventRow = RowOf<typeof revocationEventTable>;
