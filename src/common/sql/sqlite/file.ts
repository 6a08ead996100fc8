/**
 * One SQLite database as a process uses it: one connection that writes and a few that read, so that reads wait for
 * nothing (WAL). SQLite has a single writer: writers of this process queue here for the writing connection; were
 * each to wait inside SQLite, they would block the threads that the one who holds the lock needs to finish.
 */
import { DatabaseUnavailableError } from '../errors.js';
import { Mutex } from '../mutex.js';
import { type RawRow, type RunResult, SqliteHandle, type SqliteValue } from './handle.js';
import { WalIndex } from './wal_index.js';

/** Milliseconds for which SQLite itself waits for other processes. */
const BUSY_TIMEOUT = 10_000;
/** Milliseconds to wait for the other writers of this process. */
const WRITER_TIMEOUT = 30_000;
/** Two, so that one long list does not hold up the rest; more would only wait for the event loop. */
const READERS = 2;
/**
 * KiB of pages that a reading connection keeps at most. With SQLite's own 2 MB the upper pages of indexes do not stay
 * in a large database: finding one of 100,000 users at random reads the file five times, with this once or twice.
 */
const READER_CACHE = 16_384;

export class SqliteFile {
  /** Answers to Sequelize's questions for the types of columns, by question. */
  readonly columnTypes = new Map<string, RawRow[]>();
  /** Null when the file has no write-ahead log. */
  readonly walIndex: WalIndex | null;
  private readonly lock = new Mutex();

  private constructor(
    readonly path: string,
    readonly writer: SqliteHandle,
    private readonly readers: readonly [SqliteHandle, ...SqliteHandle[]],
  ) {
    this.walIndex = WalIndex.open(path);
  }

  /** @param options.synchronous false: a power failure may corrupt the file (`[database] sqlite_synchronous`) */
  static async open(path: string, options: { readonly synchronous: boolean }): Promise<SqliteFile> {
    const every = [`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`, 'PRAGMA foreign_keys = ON'];
    const synchronous = `PRAGMA synchronous = ${options.synchronous ? 'FULL' : 'OFF'}`;
    const opened: SqliteHandle[] = [];
    const open = async (setup: readonly string[]): Promise<SqliteHandle> => {
      const handle = await SqliteHandle.open(path, [...every, ...setup]);
      opened.push(handle);
      return handle;
    };
    try {
      // The writer goes first: a database becomes WAL only while nobody else has it open.
      const writer = await open(['PRAGMA journal_mode = WAL', synchronous]);
      const reading = ['PRAGMA query_only = ON', `PRAGMA cache_size = -${READER_CACHE}`];
      const reader = await open(reading);
      const more: SqliteHandle[] = [];
      while (more.length < READERS - 1) more.push(await open(reading));
      return new SqliteFile(path, writer, [reader, ...more]);
    } catch (error) {
      await Promise.allSettled(opened.map((handle) => handle.close()));
      throw error;
    }
  }

  /** The reading connection with the least to do. */
  reader(): SqliteHandle {
    let best: SqliteHandle = this.readers[0];
    for (const reader of this.readers) if (reader.load < best.load) best = reader;
    return best;
  }

  /** Waits until nobody else in this process writes. @returns the function that lets the next one in */
  lockWriter(): Promise<() => void> {
    return this.lock.acquire(
      WRITER_TIMEOUT,
      () =>
        new DatabaseUnavailableError('the database is busy: another transaction of this process holds it'),
    );
  }

  read(statement: string, parameters: readonly SqliteValue[]): Promise<RawRow[]> {
    return this.reader().all(statement, parameters);
  }

  /** Runs work alone on the writing connection. */
  async write<T>(work: (writer: SqliteHandle) => Promise<T>): Promise<T> {
    const release = await this.lockWriter();
    try {
      return await work(this.writer);
    } finally {
      release();
    }
  }

  run(statement: string, parameters: readonly SqliteValue[]): Promise<RunResult> {
    return this.write((writer) => writer.run(statement, parameters));
  }

  /**
   * Changes with each commit of any other connection, of any process. Asked on a connection that never writes, so
   * that our own commits count as well.
   */
  async dataVersion(): Promise<string> {
    const [row] = await this.readers[0].all('PRAGMA data_version', []);
    return String(row?.['data_version']);
  }

  async close(): Promise<void> {
    // The writer goes last and takes the log back into the file.
    const results = await Promise.allSettled(this.readers.map((reader) => reader.close()));
    await this.writer.close();
    this.walIndex?.close();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}
