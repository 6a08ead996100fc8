/**
 * What Sequelize takes for the sqlite3 library. Its "connections" are doors to one `SqliteFile`: outside a
 * transaction they read from the reading connections and write under the writer's lock; from BEGIN to COMMIT or
 * ROLLBACK they own the writing connection. So models, transactions and prepared statements share the same few
 * handles, where Sequelize itself would open a new one for each transaction and keep a single one for the rest.
 */
import type { SqliteFile } from './file.js';
import type { RawRow, SqliteHandle, SqliteParameters } from './handle.js';

/** SQLite's flags. */
export const OPEN_READWRITE = 2;
const OPEN_CREATE = 4;

type Callback = (this: object, error: Error | null, rows?: RawRow[]) => void;

const READS = /^\s*(?:select|with|pragma|explain)\b/i;
const CHANGES_ROWS = /^\s*(?:insert|update|delete|replace|savepoint|release|rollback to)\b/i;
/** What Sequelize asks before each read of a model, for the types of its columns. */
const TYPES_QUESTION = 'PRAGMA table_info(`';

export class SqliteConnection {
  /** Set by Sequelize while the connection belongs to a transaction. */
  uuid: string | undefined;
  readonly filename: string;
  private release: (() => void) | null = null;

  constructor(private readonly file: SqliteFile) {
    this.filename = file.path;
  }

  /** The writing connection, which a transaction owns. @throws Error outside a transaction */
  get owned(): SqliteHandle {
    if (this.release === null) throw new Error('no transaction on this connection');
    return this.file.writer;
  }

  serialize(work: () => unknown): void {
    work();
  }

  all(statement: string, ...rest: [SqliteParameters, Callback] | [Callback]): this {
    const callback = rest.length === 2 ? rest[1] : rest[0];
    const parameters = rest.length === 2 ? rest[0] : [];
    this.dispatch(statement, parameters).then(
      (rows) => callback.call({}, null, rows),
      (error: unknown) => callback.call({}, asError(error)),
    );
    return this;
  }

  run(statement: string, ...rest: [SqliteParameters, Callback] | [Callback] | []): this {
    const callback = rest.length === 2 ? rest[1] : rest[0];
    const parameters = rest.length === 2 ? rest[0] : [];
    // Foreign keys are on already, on every handle.
    const work = /^PRAGMA FOREIGN_KEYS=ON$/i.test(statement)
      ? Promise.resolve({ changes: 0, lastID: 0 })
      : this.runStatement(statement, parameters);
    work.then(
      (result) => callback?.call(result, null),
      (error: unknown) => callback?.call({ changes: 0, lastID: 0 }, asError(error)),
    );
    return this;
  }

  /** Called by Sequelize when a transaction is over: the handles stay. */
  close(callback?: (error: Error | null) => void): void {
    this.release?.();
    this.release = null;
    callback?.(null);
  }

  private runStatement(
    statement: string,
    parameters: SqliteParameters,
  ): Promise<{ changes: number; lastID: number }> {
    if (this.release !== null) return this.file.writer.runOnce(statement, parameters);
    return this.file.write((writer) => writer.runOnce(statement, parameters));
  }

  private async dispatch(statement: string, parameters: SqliteParameters): Promise<RawRow[]> {
    if (/^BEGIN\b/i.test(statement)) return this.begin(statement);
    if (/^(?:COMMIT|ROLLBACK);?$/i.test(statement)) return this.end(statement);
    if (statement.startsWith(TYPES_QUESTION)) return this.columnTypes(statement);
    if (!READS.test(statement) && !CHANGES_ROWS.test(statement)) this.file.columnTypes.clear();
    if (this.release !== null) return this.file.writer.once(statement, parameters);
    if (READS.test(statement)) return this.file.reader().once(statement, parameters);
    return this.file.write((writer) => writer.once(statement, parameters));
  }

  /** Takes the writing connection for a transaction. */
  async begin(statement: string): Promise<RawRow[]> {
    const release = await this.file.lockWriter();
    try {
      await this.file.writer.execute(statement);
    } catch (error) {
      release();
      throw error;
    }
    this.release = release;
    return [];
  }

  /** Ends the transaction, and lets the next writer in whether that worked or not. */
  async end(statement: string): Promise<RawRow[]> {
    const release = this.release;
    if (release === null) return [];
    try {
      await this.file.writer.execute(statement);
    } catch (error) {
      // Some failures have SQLite roll back by itself; otherwise the next transaction must not find this one open.
      await this.file.writer.execute('ROLLBACK').catch(() => undefined);
      if (statement.startsWith('COMMIT')) throw error;
    } finally {
      this.release = null;
      release();
    }
    return [];
  }

  private async columnTypes(statement: string): Promise<RawRow[]> {
    let rows = this.file.columnTypes.get(statement);
    if (rows === undefined) {
      rows = await (this.release === null ? this.file.reader() : this.file.writer).once(statement);
      this.file.columnTypes.set(statement, rows);
    }
    return rows;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The module to give to Sequelize as `dialectModule`. */
export function createDialectModule(file: SqliteFile): object {
  class Database extends SqliteConnection {
    constructor(_path: string, _mode: number, callback: (error: null) => void) {
      super(file);
      queueMicrotask(() => callback(null));
    }
  }
  return { OPEN_READWRITE, OPEN_CREATE, Database };
}
