import { foundIf, type Symptom } from './symptom.js';

export const databaseConnectionIsNotSqlite: Symptom = {
  name: 'database_connection_is_not_SQLite',
  what: 'The database is SQLite.',
  why: 'It has one writer at a time and lies on one machine: not for a cloud that others depend on.',
  advice: 'Use MariaDB or PostgreSQL in [database] connection, or set [DEFAULT] debug while you develop.',
  look: ({ conf: { database, DEFAULT } }) =>
    foundIf(
      /sqlite/i.test(database.connection ?? '') && !DEFAULT.debug,
      '[database] connection is one of SQLite',
    ),
};
