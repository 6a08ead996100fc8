/** Domain configuration kept in the database. */
import { defineTable, type RowOf, text, varchar } from '../table.js';

export const whitelistedConfigTable = defineTable('whitelisted_config', {
  columns: {
    domain_id: varchar(64),
    group: varchar(255),
    option: varchar(255),
    value: text(),
  },
  primaryKey: ['domain_id', 'group', 'option'],
});

export const sensitiveConfigTable = defineTable('sensitive_config', {
  columns: {
    domain_id: varchar(64),
    group: varchar(255),
    option: varchar(255),
    value: text(),
  },
  primaryKey: ['domain_id', 'group', 'option'],
});

export const configRegisterTable = defineTable('config_register', {
  columns: {
    type: varchar(64),
    domain_id: varchar(64),
  },
  primaryKey: ['type'],
});

export type WhitelistedConfigRow = RowOf<typeof whitelistedConfigTable>;
export type SensitiveConfigRow = RowOf<typeof sensitiveConfigTable>;
export type ConfigRegisterRow = RowOf<typeof configRegisterTable>;
