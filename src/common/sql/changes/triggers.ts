/**
 * The counter of changes and the triggers that move it: one for every table of the schema, so that there is no list
 * of what a kept answer rests on that could be incomplete. Only what cannot change any answer is left out:
 *
 * - new rows of `token`, and the removal of tokens that ended long ago: whoever keeps a token looks at its expiry;
 * - failed sign-ins that are counted in `local_user`.
 *
 * A trigger moves the counter in the transaction of the change itself: both become visible together, whoever writes.
 * See docs/adr/0003-fresh-tokens.md.
 */
import { quote } from '../migrations/ddl.js';
import type { TableDefinition } from '../table.js';
import type { Dialect } from '../types.js';

export const CHANGE_TABLE = 'keystone_koa_change';
/** Begins the names of our triggers; the number goes up when what they do changes. */
export const TRIGGER_PREFIX = 'keystone_koa_1_';
/** PostgreSQL: the function that the triggers call. */
export const CHANGE_FUNCTION = 'keystone_koa_1_changed';

/**
 * Rows of the counter. Writers of different connections move different rows, so that they neither wait for each other
 * nor get into deadlocks; SQLite has one writer.
 */
export const SHARDS: Readonly<Record<Dialect, number>> = { sqlite: 1, mysql: 256, postgres: 64 };

type Operation = 'insert' | 'update' | 'delete';
const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete'];

export interface Trigger {
  readonly name: string;
  readonly table: string;
  readonly create: string;
}

/** Columns of `local_user` that answers rest on. */
const IDENTIFYING = ['id', 'domain_id', 'user_id', 'name'] as const;
/** Tokens that ended this many seconds ago are over by every server's clock. */
const LONG_AGO = 600;

const nameOf = (table: string, operation: string): string => `${TRIGGER_PREFIX}${table}_${operation}`;

/** All triggers of a dialect. */
export function triggersOf(tables: readonly TableDefinition[], dialect: Dialect): Trigger[] {
  const make = { sqlite: sqliteTriggers, mysql: mysqlTriggers, postgres: postgresTriggers }[dialect];
  return tables.flatMap(({ name }) => make(name));
}

function sqliteTriggers(table: string): Trigger[] {
  return OPERATIONS.map((operation) => {
    const trigger = nameOf(table, operation);
    let event = `AFTER ${operation.toUpperCase()} ON ${quote(table)}`;
    if (table === 'local_user' && operation === 'update') {
      event = `AFTER UPDATE OF ${IDENTIFYING.join(', ')} ON ${quote(table)}`;
    } else if (table === 'token' && operation === 'insert') {
      // INSERT OR REPLACE tells nobody of the row that it removes.
      event = `BEFORE INSERT ON ${quote(table)} WHEN EXISTS (SELECT 1 FROM token WHERE id = NEW.id)`;
    } else if (table === 'token' && operation === 'delete') {
      event += ` WHEN OLD.expires IS NULL OR OLD.expires > datetime('now', '-${LONG_AGO} seconds')`;
    }
    const create = `CREATE TRIGGER ${trigger} ${event} BEGIN UPDATE ${CHANGE_TABLE} SET n = n + 1; END`;
    return { name: trigger, table, create };
  });
}

/** MySQL fires for rows only, and not for rows that go with others: these were fired for. */
function mysqlTriggers(table: string): Trigger[] {
  return OPERATIONS.flatMap((operation) => {
    if (table === 'token' && operation === 'insert') return [];
    const trigger = nameOf(table, operation);
    let change = `UPDATE ${CHANGE_TABLE} SET n = n + 1 WHERE shard = CONNECTION_ID() % ${SHARDS.mysql}`;
    if (table === 'local_user' && operation === 'update') {
      const same = IDENTIFYING.map((column) => `OLD.${column} <=> NEW.${column}`).join(' AND ');
      change = `IF NOT (${same}) THEN ${change}; END IF`;
    } else if (table === 'token' && operation === 'delete') {
      change = `IF OLD.expires IS NULL OR OLD.expires > UTC_TIMESTAMP() - INTERVAL ${LONG_AGO} SECOND THEN ${change}; END IF`;
    }
    const create = `CREATE TRIGGER ${trigger} AFTER ${operation.toUpperCase()} ON ${quote(table)} FOR EACH ROW ${change}`;
    return [{ name: trigger, table, create }];
  });
}

/** PostgreSQL fires once for a statement, and for TRUNCATE too. */
function postgresTriggers(table: string): Trigger[] {
  const events =
    table === 'token'
      ? 'UPDATE OR DELETE OR TRUNCATE'
      : table === 'local_user'
        ? `INSERT OR DELETE OR TRUNCATE OR UPDATE OF ${IDENTIFYING.join(', ')}`
        : 'INSERT OR UPDATE OR DELETE OR TRUNCATE';
  const name = nameOf(table, 'change');
  const create = `CREATE TRIGGER ${name} AFTER ${events} ON ${quote(table)} FOR EACH STATEMENT EXECUTE PROCEDURE ${CHANGE_FUNCTION}()`;
  return [{ name, table, create }];
}
