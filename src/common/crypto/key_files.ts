/** The files of a key repository as they lie on disk, and a signature that tells whether they have changed. */

import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Generous: a key is 44 characters. Anything larger is no key and is not read into memory. */
const MAX_KEY_FILE_BYTES = 1024;

/** How often a repository that changes while it is being read is read again. */
const MAX_ATTEMPTS = 10;

/** File times have the resolution of the kernel's tick: a younger file can change once more without showing it. */
const UNSETTLED_NS = 50_000_000n;

export interface KeyFile {
  readonly number: number;
  readonly path: string;
  /** The content, or null when the file is too large to be a key. */
  readonly text: string | null;
  readonly worldReadable: boolean;
}

export interface KeyFiles {
  /** By number, the highest first: the first one encrypts. */
  readonly files: readonly KeyFile[];
  /** Changes when the directory or a file in it is changed. */
  readonly signature: string;
  /** Changes when a file is created, renamed or removed. */
  readonly directorySignature: string;
  /** False when something changed so lately that a further change might not show in the signatures. */
  readonly settled: boolean;
  readonly worldReadable: boolean;
}

/**
 * The number that a file name stands for, or null when it is no key's name. Zero is the staged key, the highest is
 * the primary; what Python's `int()` reads is accepted, so `01` is 1.
 */
export function keyNumber(name: string): number | null {
  if (!/^[+-]?\d+$/.test(name)) return null;
  const number = Number(name);
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * Read all keys of a repository as one consistent state: when files come, go or change meanwhile (a rotation),
 * reading starts over.
 *
 * @throws the error of the file system when the directory or a file cannot be read
 */
export async function readKeyFiles(directory: string): Promise<KeyFiles> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const before = await stampKeyFiles(directory);
      const contents = new Map<string, string | null>();
      for (const { path, status } of before.entries) {
        contents.set(path, status.size > MAX_KEY_FILE_BYTES ? null : await readFile(path, 'utf8'));
      }
      const after = await stampKeyFiles(directory);
      if (after.signature !== before.signature && attempt < MAX_ATTEMPTS) continue;
      return {
        files: before.entries.map(({ number, path, status }) => ({
          number,
          path,
          text: contents.get(path) ?? null,
          worldReadable: (status.mode & BigInt(constants.S_IROTH)) !== 0n,
        })),
        signature: before.signature,
        directorySignature: before.directorySignature,
        settled: after.signature === before.signature && after.settled,
        worldReadable: before.worldReadable,
      };
    } catch (error) {
      // A file that went away between listing and reading: a rotation is under way.
      if (!isMissing(error) || attempt >= MAX_ATTEMPTS || !(await exists(directory))) throw error;
    }
  }
}

interface Stamp {
  readonly entries: readonly {
    readonly number: number;
    readonly path: string;
    readonly status: BigIntStats;
  }[];
  readonly signature: string;
  readonly directorySignature: string;
  readonly settled: boolean;
  readonly worldReadable: boolean;
}

/** What the repository looks like without reading any key. */
export async function stampKeyFiles(directory: string): Promise<Stamp> {
  const status = await stat(directory, { bigint: true });
  const byNumber = new Map<number, { number: number; path: string; status: BigIntStats }>();
  for (const name of await readdir(directory)) {
    const number = keyNumber(name);
    if (number === null) continue;
    const path = join(directory, name);
    const entry = await stat(path, { bigint: true });
    // Two spellings of one number: the plain one counts, whatever the order of the listing.
    if (entry.isFile() && (!byNumber.has(number) || name === String(number))) {
      byNumber.set(number, { number, path, status: entry });
    }
  }
  const entries = [...byNumber.values()].sort((left, right) => right.number - left.number);
  const directorySignature = describe(status);
  const newest = [status, ...entries.map((entry) => entry.status)].reduce(
    (time, { ctimeNs }) => (ctimeNs > time ? ctimeNs : time),
    0n,
  );
  return {
    entries,
    directorySignature,
    signature: [
      directorySignature,
      ...entries.map((entry) => `${entry.path}:${describe(entry.status)}`),
    ].join('|'),
    settled: BigInt(Date.now()) * 1_000_000n - newest > UNSETTLED_NS,
    worldReadable: (status.mode & BigInt(constants.S_IROTH | constants.S_IXOTH)) !== 0n,
  };
}

/** The signature of the directory alone: one system call, enough to notice every rotation. */
export async function stampDirectory(directory: string): Promise<string> {
  return describe(await stat(directory, { bigint: true }));
}

function describe({ dev, ino, mode, uid, gid, size, ctimeNs, mtimeNs }: BigIntStats): string {
  return [dev, ino, mode, uid, gid, size, ctimeNs, mtimeNs].join(',');
}

export const MISSING = 'does not exist';

/** Why a directory cannot serve as a key repository, or null when it can. */
export async function repositoryProblem(
  directory: string,
  options: { write: boolean },
): Promise<string | null> {
  const wanted = constants.R_OK | constants.X_OK | (options.write ? constants.W_OK : 0);
  try {
    await access(directory, wanted);
    return (await stat(directory)).isDirectory() ? null : 'is not a directory';
  } catch (error) {
    return isMissing(error) ? MISSING : 'cannot be accessed with the permissions of this process';
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
