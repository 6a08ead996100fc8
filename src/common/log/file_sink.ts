/** Log files: several processes may append to one, and it may be moved away at any time. */
import { accessSync, closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LoggingError } from './error.js';
import type { Destination } from './plan.js';
import { type Rotator, rotatorOf } from './rotation.js';
import type { LevelName, Sink } from './types.js';

/** The reason of a file system error in words. */
function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'its folder does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOSPC: 'no space is left on the device',
    EROFS: 'the file system is read-only',
  };
  return known[code ?? ''] ?? message;
}

function cannotBeOpened(path: string, error: unknown): LoggingError {
  return new LoggingError(`the log file ${path} cannot be opened: ${why(error)}`, { cause: error });
}

/** Whether a file could be written to, without making or changing it. @throws LoggingError when not */
export function checkLogFile(path: string): void {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory() === true) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    accessSync(status === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw cannotBeOpened(path, error);
  }
}

/** Bytes and milliseconds that lines may wait together. */
const MOST_WAITING = 65_536;
const LONGEST_WAIT = 5;
/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const WIDEST = 3;
const LINE_FEED = 0x0a;

/**
 * A file that lines are appended to. A line that cannot be written goes to stderr in its place: a full disk must not
 * stop the service, nor silence it.
 *
 * Lines that may wait are written together every few milliseconds while there are many; any other line comes after
 * them, at once. When the process ends in any way but by SIGKILL, they are written first.
 */
export class FileSink implements Sink {
  readonly #path: string;
  readonly #watch: boolean;
  readonly #rotator: Rotator | null;
  #descriptor: number;
  /** Made for the first line that waits, and the bytes of it that are in use. */
  #waiting: Buffer | null = null;
  #used = 0;
  #writtenAt = Number.NEGATIVE_INFINITY;
  readonly #flush = (): void => this.#writeWaiting();

  /** @throws LoggingError when it cannot be opened */
  constructor({ path, watch = false, rotation, truncate = false }: Extract<Destination, { kind: 'file' }>) {
    this.#path = path;
    try {
      const before = statSync(path, { throwIfNoEntry: false });
      this.#descriptor = openSync(path, truncate ? 'w' : 'a', 0o640);
      this.#rotator =
        rotation === undefined ? null : rotatorOf(path, rotation, before?.size ? before.mtime : new Date());
    } catch (error) {
      throw cannotBeOpened(path, error);
    }
    this.#watch = watch || rotation !== undefined;
    process.on('exit', this.#flush);
  }

  write(line: string, _level: LevelName, mayWait = false): void {
    const isRare = this.#used === 0 && performance.now() - this.#writtenAt > LONGEST_WAIT;
    if (!mayWait || isRare || this.#watch || line.length * WIDEST >= MOST_WAITING) {
      this.#writeWaiting();
      this.#append(Buffer.from(`${line}\n`));
    } else {
      this.#keep(line);
    }
  }

  close(): void {
    this.#writeWaiting();
    process.off('exit', this.#flush);
    closeSync(this.#descriptor);
  }

  #keep(line: string): void {
    if (MOST_WAITING - this.#used <= line.length * WIDEST) this.#writeWaiting();
    if (this.#used === 0) setTimeout(this.#flush, LONGEST_WAIT).unref();
    this.#waiting ??= Buffer.allocUnsafeSlow(MOST_WAITING);
    this.#used += this.#waiting.write(line, this.#used);
    this.#waiting[this.#used] = LINE_FEED;
    this.#used += 1;
  }

  #writeWaiting(): void {
    if (this.#waiting === null || this.#used === 0) return;
    const bytes = this.#waiting.subarray(0, this.#used);
    this.#used = 0;
    this.#append(bytes);
  }

  #append(bytes: Buffer): void {
    this.#writtenAt = performance.now();
    try {
      this.#prepare(bytes.length);
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      process.stderr.write(`${this.#path}: ${why(error)}\n${bytes.toString()}`);
    }
  }

  /** Go on in the file that bears the name now: logrotate, or another process of ours, may have moved the old one. */
  #prepare(bytes: number): void {
    if (this.#watch && this.#wasMoved()) this.#reopen();
    if (this.#rotator?.isDue(fstatSync(this.#descriptor).size, bytes) !== true) return;
    this.#rotator.rotate();
    this.#reopen();
  }

  #wasMoved(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    const own = fstatSync(this.#descriptor);
    return now === undefined || now.ino !== own.ino || now.dev !== own.dev;
  }

  #reopen(): void {
    const next = openSync(this.#path, 'a', 0o640);
    closeSync(this.#descriptor);
    this.#descriptor = next;
  }
}
