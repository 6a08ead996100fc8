/** A file that the processes of one host share. Source: dogpile.cache.dbm; an LMDB file by the npm package `lmdb`. */
import { chmod } from 'node:fs/promises';
import { resolve } from 'node:path';
import { getLogger } from '../../log/index.js';
import type { Arguments } from '../arguments.js';
import { optionalPackage } from '../optional_package.js';
import type { CacheBackend } from '../types.js';
import { FreeSpace, prepareFile } from './dbm_file.js';

const log = getLogger('keystone.common.cache');

/**
 * Writes between two looks at what has expired, and entries that are looked at then: few, because the process does
 * nothing else meanwhile. One look goes on where the last one ended, through the whole file and again: with five looked
 * at for each one written, no more than a fifth of the file has expired unnoticed.
 */
const SWEEP_EVERY = 100;
const SWEEP_MOST = 500;

interface Entry {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** @throws Error naming package, argument or file when one of them cannot be used */
export async function createBackend(args: Arguments): Promise<CacheBackend> {
  const { open } = await optionalPackage('lmdb', 'dogpile.cache.dbm', () => import('lmdb'));
  const path = resolve(args.required('filename'));
  args.ignore('rw_lockfile', 'dogpile_lockfile', 'lock_factory');
  let file: ReturnType<typeof open<Entry, string>>;
  try {
    await prepareFile(path);
    // Synchronized, though nothing would be lost: what a breakdown of the host has damaged crashes each start.
    file = open<Entry, string>({ path, noSubdir: true, maxReaders: 512 });
  } catch (error) {
    throw new Error(`[cache] backend_argument = filename:${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  // Bodies of tokens name people and projects. A file of somebody else's stays as it is.
  await chmod(path, 0o600).catch(() => undefined);
  const space = new FreeSpace(path);
  let writes = 0;
  /** Where the next look begins. */
  let next: string | undefined;
  const sweep = async (): Promise<void> => {
    const now = Date.now();
    const gone: string[] = [];
    let looked = 0;
    let last: string | undefined;
    for (const { key, value } of file.getRange({
      limit: SWEEP_MOST,
      ...(next !== undefined && { start: next }),
    })) {
      looked += 1;
      last = key;
      if (value.expires <= now) gone.push(key);
    }
    next = looked < SWEEP_MOST ? undefined : last;
    await Promise.all(gone.map((key) => file.remove(key)));
  };
  return {
    async get(key) {
      const entry = file.get(key);
      return entry !== undefined && entry.expires > Date.now() ? entry.value : undefined;
    },
    async set(key, value, seconds) {
      await space.require();
      await file.put(key, { value, expires: Date.now() + seconds * 1000 });
      writes += 1;
      if (writes % SWEEP_EVERY === 0) {
        sweep().catch((error: unknown) => log.warn(`Cache file ${path}: ${String(error)}`));
      }
    },
    async delete(key) {
      await file.remove(key);
    },
    async ping() {
      file.get('ping');
    },
    states: () => [{ server: path, up: true, since: null, reason: null }],
    close: () => file.close(),
  };
}
