/** Makes the counter of changes and its triggers. */
import { randomInt } from 'node:crypto';
import type { SqlDatabase } from '../database.js';
import { quote } from '../migrations/ddl.js';
import { type MigrationSession, migrationSession, type ReadSession } from '../migrations/session.js';
import { tables } from '../models/index.js';
import type { Dialect } from '../types.js';
import {
  CHANGE_FUNCTION,
  CHANGE_TABLE,
  SHARDS,
  TRIGGER_PREFIX,
  type Trigger,
  triggersOf,
} from './triggers.js';

/** Bound of a leap: far more than there will ever be changes, and room for a million leaps. */
const LEAP = 2 ** 43;
/** MySQL: no right to tables or triggers; no right to triggers while there is a binary log. PostgreSQL: no right. */
const REFUSALS = new Set<unknown>([1142, 1227, 1419, '42501']);

/** The triggers that a database of ours has to have. */
export const expectedTriggers = (dialect: Dialect): Trigger[] => triggersOf(Object.values(tables), dialect);

/** What there is, as `TRIGGER TABLE`. */
const FOUND: Readonly<Record<Dialect, string>> = {
  sqlite: `SELECT name || ' ' || tbl_name AS found FROM sqlite_master
    WHERE type = 'trigger' AND name GLOB '${TRIGGER_PREFIX}*'`,
  mysql: `SELECT CONCAT(TRIGGER_NAME, ' ', EVENT_OBJECT_TABLE) AS found FROM information_schema.TRIGGERS
    WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE '${TRIGGER_PREFIX.replaceAll('_', '!_')}%' ESCAPE '!'`,
  // ALWAYS: also in a session that applies what another server has replicated.
  postgres: `SELECT t.tgname || ' ' || c.relname AS found FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND t.tgname LIKE '${TRIGGER_PREFIX.replaceAll('_', '!_')}%' ESCAPE '!'
    AND t.tgenabled = 'A'`,
};

/** MySQL: triggers have the rights of who made them, and fail with that account. */
const OWN = ' AND DEFINER = CURRENT_USER()';

/**
 * Expected triggers that are not there.
 * @param ownOnly on MySQL: those that another account has made count as missing
 */
export async function missingTriggers(session: ReadSession, ownOnly = false): Promise<Trigger[]> {
  const rows = await session.all(
    FOUND[session.dialect] + (ownOnly && session.dialect === 'mysql' ? OWN : ''),
  );
  const found = new Set(rows.map((row) => String(row['found'])));
  return expectedTriggers(session.dialect).filter(({ name, table }) => !found.has(`${name} ${table}`));
}

/**
 * Makes what is missing, and sets the counter to where it never was: whatever was kept under it before (perhaps of
 * another state of the database, before a backup was restored) is void.
 * @returns why there can be none, in words for the operator; null when all is there
 * @throws DatabaseError
 */
export async function installChangeCounter(
  database: SqlDatabase,
  report: (text: string) => void,
): Promise<string | null> {
  try {
    await migrationSession(database, async (session) => {
      await makeTable(session);
      const missing = await missingTriggers(session, true);
      if (missing.length > 0) report(`counter of changes: ${missing.length} triggers`);
      if (session.dialect === 'postgres') await makeFunction(session);
      for (const trigger of missing) await makeTrigger(session, trigger);
      await leap(session);
    });
  } catch (error) {
    const reason = refusal(error);
    if (reason === null) throw error;
    return reason;
  }
  return null;
}

/** Moves the counter far away from all of its earlier values. */
export async function leap(session: Pick<MigrationSession, 'run'>): Promise<void> {
  await session.run(`UPDATE ${CHANGE_TABLE} SET n = n + ${randomInt(LEAP)} WHERE shard = 0`);
}

async function makeTable(session: MigrationSession): Promise<void> {
  const { dialect } = session;
  const engine =
    dialect === 'mysql' ? ' ENGINE=InnoDB' : dialect === 'postgres' ? ' WITH (fillfactor = 20)' : '';
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${CHANGE_TABLE} (shard INTEGER NOT NULL PRIMARY KEY, n BIGINT NOT NULL)${engine}`,
  );
  const rows = await session.all(`SELECT shard FROM ${CHANGE_TABLE}`);
  const there = new Set(rows.map((row) => Number(row['shard'])));
  const missing = Array.from({ length: SHARDS[dialect] }, (_, shard) => shard).filter(
    (shard) => !there.has(shard),
  );
  if (missing.length === 0) return;
  const values = missing.map((shard) => `(${shard}, 0)`).join(', ');
  await session.run(`INSERT INTO ${CHANGE_TABLE} (shard, n) VALUES ${values}`);
}

/** With the rights of its owner: whoever may change a table need not have a right to the counter. */
async function makeFunction(session: MigrationSession): Promise<void> {
  const [row] = await session.all(
    `SELECT current_schema() AS schema, to_regproc('${CHANGE_FUNCTION}') IS NULL AS missing`,
  );
  if (row?.['missing'] !== true) return;
  const schema = quote(String(row['schema']));
  await session.run(`CREATE FUNCTION ${CHANGE_FUNCTION}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN UPDATE ${schema}.${CHANGE_TABLE} SET n = n + 1
      WHERE shard = pg_catalog.pg_backend_pid() % ${SHARDS.postgres}; RETURN NULL; END $$`);
}

async function makeTrigger(session: MigrationSession, { name, table, create }: Trigger): Promise<void> {
  const on = session.dialect === 'postgres' ? ` ON ${quote(table)}` : '';
  // One that is disabled, or went to another table with a new name of its own.
  await session.run(`DROP TRIGGER IF EXISTS ${name}${on}`);
  await session.run(create);
  if (session.dialect === 'postgres') {
    await session.run(`ALTER TABLE ${quote(table)} ENABLE ALWAYS TRIGGER ${name}`);
  }
}

function refusal(error: unknown): string | null {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { errno, code } = inner as { errno?: unknown; code?: unknown };
    if (!REFUSALS.has(errno) && !REFUSALS.has(code)) continue;
    return errno === 1419
      ? 'the database refuses triggers while it writes a binary log: set log_bin_trust_function_creators = 1, or run db_sync with an account that may'
      : 'the account of [database] connection has no right to create tables and triggers';
  }
  return null;
}
