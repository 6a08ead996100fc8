/** How each dialect is asked whether anything has changed, at the cost of one small statement. */
import { getLogger } from '../../log/index.js';
import type { Engine, NativeStatement, RawRow } from '../engine.js';
import { SqliteEngine } from '../sqlite/engine.js';
import type { SqliteFile } from '../sqlite/file.js';
import type { Dialect } from '../types.js';
import { expectedTriggers, leap, missingTriggers } from './install.js';
import { CHANGE_TABLE, SHARDS, TRIGGER_PREFIX } from './triggers.js';

const log = getLogger('keystone.common.sql');

/** The state of the data at some instant after it was asked for: equal later on when nothing was committed between. */
export interface Evidence {
  /** Means something to this process only; undefined when nothing is known. */
  readonly local: string | undefined;
  /** Means the same to all processes; undefined when nothing is known. */
  readonly shared: string | undefined;
}

const INSPECTION = 10_000;

const NOTHING: Evidence = { local: undefined, shared: undefined };
const proven = (total: string): Evidence => ({ local: `n${total}`, shared: total });

export interface Probe {
  /** The evidence of now when it can be had without waiting; null: `look`. */
  glance?(): Evidence | null;
  /** Must not be called again before it has answered. */
  look(): Promise<Evidence>;
}

/**
 * @param inspection milliseconds after which it is made sure again that all triggers are there (servers only: SQLite
 *                   tells that together with each change)
 */
export function probeOf(engine: Engine, inspection = INSPECTION): Probe {
  return engine instanceof SqliteEngine ? new SqliteProbe(engine.file) : new ServerProbe(engine, inspection);
}

const SQLITE_STATE = `SELECT CAST(SUM(n) AS TEXT) AS total, COUNT(*) AS shards,
  (SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name GLOB '${TRIGGER_PREFIX}*') AS triggers
  FROM ${CHANGE_TABLE}`;

/**
 * SQLite tells by itself whether anything was committed; only then the counter is asked whether it matters. Without
 * triggers what SQLite says is the proof, for this process alone.
 */
class SqliteProbe implements Probe {
  private readonly triggers = expectedTriggers('sqlite').length;
  private version: string | null = null;
  private evidence = NOTHING;
  /** The log's index from before the evidence was found. */
  private settled: Buffer | null = null;
  private highest = 0n;

  constructor(private readonly file: SqliteFile) {}

  glance(): Evidence | null {
    const { settled } = this;
    return settled !== null && this.file.walIndex?.isStill(settled) === true ? this.evidence : null;
  }

  async look(): Promise<Evidence> {
    const before = this.file.walIndex?.state() ?? null;
    const version = await this.file.dataVersion();
    if (version !== this.version) {
      // Asked after the version: what is committed in between shows in the version the next time.
      this.evidence = await this.count(version);
      this.version = version;
    }
    this.settled = before;
    return this.evidence;
  }

  private async count(version: string): Promise<Evidence> {
    let total = await this.total();
    if (total !== null && total < this.highest) {
      await leap({ run: async (text) => (await this.file.run(text, [])).changes });
      total = await this.total();
    }
    if (total === null) return { local: `v${version}`, shared: undefined };
    this.highest = total;
    return proven(String(total));
  }

  private async total(): Promise<bigint | null> {
    const [row] = await this.file.read(SQLITE_STATE, []).catch((error: unknown): RawRow[] => {
      if (error instanceof Error && error.message.includes('no such table')) return [];
      throw error;
    });
    const isComplete = row?.['triggers'] === this.triggers && row['shards'] === SHARDS.sqlite;
    return isComplete ? BigInt(String(row['total'])) : null;
  }
}

const statement = (name: string, text: string): NativeStatement => ({ name, text, readOnly: true });

const SERVER_STATE: Readonly<Record<Exclude<Dialect, 'sqlite'>, NativeStatement>> = {
  mysql: statement(
    'keystone_change',
    `SELECT CAST(SUM(n) AS CHAR) AS total, COUNT(*) AS shards FROM ${CHANGE_TABLE}`,
  ),
  postgres: statement(
    'keystone_change',
    `SELECT CAST(SUM(n) AS TEXT) AS total, COUNT(*) AS shards FROM ${CHANGE_TABLE}`,
  ),
};

/** Which transactions are over, of all databases of the server: equal when none has ended in between. */
const SNAPSHOT = statement('keystone_snapshot', 'SELECT CAST(txid_current_snapshot() AS TEXT) AS snapshot');

/** MariaDB, MySQL and PostgreSQL. */
class ServerProbe implements Probe {
  private readonly dialect: Exclude<Dialect, 'sqlite'>;
  private inspected = Number.NEGATIVE_INFINITY;
  private isComplete: boolean | null = null;
  private highest = 0n;

  constructor(
    private readonly engine: Engine,
    private readonly inspection: number,
  ) {
    this.dialect = engine.dialect === 'mysql' ? 'mysql' : 'postgres';
  }

  async look(): Promise<Evidence> {
    try {
      if (performance.now() - this.inspected > this.inspection) await this.inspect();
      if (this.isComplete === true) return await this.count();
      if (this.dialect === 'mysql') return NOTHING;
      const [row] = await this.engine.all(SNAPSHOT, [], null);
      return { local: `s${String(row?.['snapshot'])}`, shared: undefined };
    } catch (error) {
      // A lost connection may come back to another database.
      this.inspected = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  private async count(): Promise<Evidence> {
    const read = async (): Promise<bigint | null> => {
      const [row] = await this.engine.all(SERVER_STATE[this.dialect], [], null);
      return row?.['shards'] === SHARDS[this.dialect] ? BigInt(String(row['total'])) : null;
    };
    let total = await read();
    if (total !== null && total < this.highest) {
      // A backup was restored: the counter must not come by its earlier values again.
      await this.leap();
      total = await read();
    }
    if (total === null) return NOTHING;
    this.highest = total;
    return proven(String(total));
  }

  private async inspect(): Promise<void> {
    const session = {
      dialect: this.dialect,
      all: (text: string): Promise<RawRow[]> =>
        this.engine.all({ name: null, text, readOnly: true }, [], null),
    };
    const missing = await missingTriggers(session);
    const isComplete = missing.length === 0;
    if (isComplete !== this.isComplete) this.tell(missing.length);
    this.isComplete = isComplete;
    this.inspected = performance.now();
  }

  private leap(): Promise<void> {
    return leap({ run: (text) => this.engine.run({ name: null, text, readOnly: false }, [], null) });
  }

  private tell(missing: number): void {
    if (missing === 0) {
      if (this.isComplete === false) log.info('All triggers of the counter of changes are there again.');
      return;
    }
    const consequence =
      this.dialect === 'mysql'
        ? 'validated tokens are not kept in memory'
        : 'kept tokens are checked again after every commit to any database of the server';
    log.warn(
      `${missing} triggers of the counter of changes are missing: ${consequence}. Run keystone-manage db_sync.`,
    );
  }
}
