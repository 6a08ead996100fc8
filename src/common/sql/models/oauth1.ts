/** OAuth 1.0a consumers and tokens. */
import { defineTable, nullable, type RowOf, text, varchar } from '../table.js';

export const consumerTable = defineTable('consumer', {
  columns: {
    id: varchar(64),
    description: nullable(varchar(64)),
    secret: varchar(64),
    extra: text(),
  },
});

export const requestTokenTable = defineTable('request_token', {
  columns: {
    id: varchar(64),
    request_secret: varchar(64),
    verifier: nullable(varchar(64)),
    authorizing_user_id: nullable(varchar(64)),
    requested_project_id: varchar(64),
    role_ids: nullable(text()),
    consumer_id: varchar(64),
    expires_at: nullable(varchar(64)),
  },
  indexes: { ix_request_token_consumer_id: ['consumer_id'] },
  foreignKeys: [{ columns: ['consumer_id'], references: 'consumer(id)' }],
});

export const accessTokenTable = defineTable('access_token', {
  columns: {
    id: varchar(64),
    access_secret: varchar(64),
    authorizing_user_id: varchar(64),
    project_id: varchar(64),
    role_ids: text(),
    consumer_id: varchar(64),
    expires_at: nullable(varchar(64)),
  },
  indexes: {
    ix_access_token_authorizing_user_id: ['authorizing_user_id'],
    ix_access_token_consumer_id: ['consumer_id'],
  },
  foreignKeys: [{ columns: ['consumer_id'], references: 'consumer(id)' }],
});

export type ConsumerRow = RowOf<typeof consumerTable>;
export type RequestTokenRow = RowOf<typeof requestTokenTable>;
export type AccessTokenRow = RowOf<typeof accessTokenTable>;
