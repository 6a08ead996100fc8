/** Where lines end up. A line is written before the call that logs it returns, so that a crash loses none. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { LoggingError } from './options.js';
import type { Destination } from './plan.js';

export interface Sink {
  write(line: string): void;
  close(): void;
}

/** The reason of a file system error in words. */
function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOSPC: 'no space is left on the device',
    EROFS: 'the file system is read-only',
  };
  return known[code ?? ''] ?? message;
}

/**
 * A file that several processes may append to. A line that cannot be written goes to stderr in its place: a full disk
 * must not stop the service, nor silence it.
 */
class FileSink implements Sink {
  readonly #path: string;
  #descriptor: number;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'a', 0o640);
    } catch (error) {
      throw new LoggingError(`the log file ${path} cannot be opened: ${why(error)}`, { cause: error });
    }
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      process.stderr.write(`${this.#path}: ${why(error)}\n${line}\n`);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

const STDERR: Sink = {
  write: (line) => void process.stderr.write(`${line}\n`),
  close: () => undefined,
};

/** @throws LoggingError when the destination cannot be opened */
export function openSink(destination: Destination): Sink {
  return destination.kind === 'file' ? new FileSink(destination.path) : STDERR;
}
