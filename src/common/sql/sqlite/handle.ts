/**
 * One SQLite connection. Operations run one after the other: the library would hand them to as many threads of
 * libuv's small pool as it finds, where they only wait for the connection's own lock and keep everybody else out.
 */
import type sqlite3 from 'sqlite3';
import { loadSqlite } from './library.js';

export type SqliteValue = string | number | null;
export type RawRow = Record<string, unknown>;
export interface RunResult {
  readonly changes: number;
  readonly lastID: number;
}

/** Prepared statements kept per connection. */
const KEPT_STATEMENTS = 400;

export class SqliteHandle {
  private readonly waiting: (() => void)[] = [];
  private busy = false;
  /** By text, the least recently used first. */
  private readonly statements = new Map<string, sqlite3.Statement>();

  private constructor(private readonly database: sqlite3.Database) {
    // Errors reach the caller of each operation; without a listener some would end the process as well.
    database.on('error', () => undefined);
  }

  /** Opens a file, which is made when missing, and runs `setup` on the connection. */
  static async open(path: string, setup: readonly string[]): Promise<SqliteHandle> {
    const library = await loadSqlite();
    const database = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened = new library.Database(path, (error) =>
        error === null ? resolve(opened) : reject(error),
      );
    });
    const handle = new SqliteHandle(database);
    try {
      for (const statement of setup) await handle.execute(statement);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return handle;
  }

  /** How many operations run or wait. */
  get load(): number {
    return this.waiting.length + (this.busy ? 1 : 0);
  }

  /** Runs a statement that is used often: it stays prepared. */
  all(statement: string, parameters: readonly SqliteValue[]): Promise<RawRow[]> {
    return new Promise((resolve, reject) => {
      this.withPrepared(statement, reject, (prepared) => {
        prepared.all<RawRow>(parameters, (error, rows) => {
          this.next();
          if (error === null) resolve(rows);
          else reject(error);
        });
      });
    });
  }

  /** Like `all`, for a statement that changes rows. */
  run(statement: string, parameters: readonly SqliteValue[]): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const next = (): void => this.next();
      this.withPrepared(statement, reject, (prepared) => {
        prepared.run(parameters, function done(error) {
          next();
          if (error === null) resolve({ changes: this.changes, lastID: this.lastID });
          else reject(error);
        });
      });
    });
  }

  /** Runs a statement once, without keeping it: for texts that hardly come again. */
  once(statement: string, parameters: SqliteParameters = []): Promise<RawRow[]> {
    return new Promise((resolve, reject) => {
      this.start(() => {
        this.database.all<RawRow>(statement, parameters, (error, rows) => {
          this.next();
          if (error === null) resolve(rows);
          else reject(error);
        });
      });
    });
  }

  /** Like `once`, for a statement that changes rows. */
  runOnce(statement: string, parameters: SqliteParameters = []): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const next = (): void => this.next();
      this.start(() => {
        this.database.run(statement, parameters, function done(error) {
          next();
          if (error === null) resolve({ changes: this.changes, lastID: this.lastID });
          else reject(error);
        });
      });
    });
  }

  /** Runs one or more statements without parameters. */
  execute(statements: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.start(() => {
        this.database.exec(statements, (error) => {
          this.next();
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
  }

  /** Closes the connection after what was started before. */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.start(() => {
        for (const statement of this.statements.values()) statement.finalize();
        this.statements.clear();
        this.database.close((error) => {
          this.next();
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
  }

  private start(operation: () => void): void {
    if (this.busy) {
      this.waiting.push(operation);
      return;
    }
    this.busy = true;
    operation();
  }

  private next(): void {
    const operation = this.waiting.shift();
    if (operation === undefined) this.busy = false;
    else operation();
  }

  /** Starts `use` with the prepared statement; `use` calls `next` at its end. */
  private withPrepared(
    text: string,
    fail: (error: Error) => void,
    use: (statement: sqlite3.Statement) => void,
  ): void {
    this.start(() => {
      const known = this.statements.get(text);
      if (known !== undefined) {
        this.statements.delete(text);
        this.statements.set(text, known);
        use(known);
        return;
      }
      // Without a callback a text that SQLite refuses would leave its first caller waiting for ever.
      const made = this.database.prepare(text, (error: Error | null) => {
        if (error !== null) {
          this.next();
          fail(error);
          return;
        }
        this.keep(text, made);
        use(made);
      });
    });
  }

  private keep(text: string, statement: sqlite3.Statement): void {
    const [oldest] = this.statements;
    if (this.statements.size >= KEPT_STATEMENTS && oldest !== undefined) {
      this.statements.delete(oldest[0]);
      oldest[1].finalize();
    }
    this.statements.set(text, statement);
  }
}

/** Positional, or by name with the leading `$`. */
export type SqliteParameters = readonly SqliteValue[] | Readonly<Record<string, SqliteValue>>;
