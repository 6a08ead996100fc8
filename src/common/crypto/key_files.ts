/** The files of a key repository as they lie on disk, and a signature that tells whether they have changed. */

import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Generous: a key is 44 characters. Anything larger is no key and is not read into memory. */
const MAX_KEY_FILE_BYTES = 1024;

/** How often a repository that changes while it is being read is read again. */
const MAX_ATTEMPTS = 5;

/** File times have the resolution of the kernel's tick: a younger file can change once more without showing it. */
const UNSETTLED_NS = 50_000_000n;

/** What `repositoryProblem` says of a directory that is not there. */
export const MISSING = 'does not exist';

/** In the place of what this process may not read. */
const FORBIDDEN = Symbol('forbidden');

export interface KeyFile {
  readonly number: number;
  readonly path: string;
  /** The content, or null when the file is too large to be a key or this process may not read it. */
  readonly text: string | null;
  readonly isForbidden: boolean;
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
 * the primary; what Python's `int()` reads is accepted, so `01`, `+1` and `1 ` are 1.
 */
export function keyNumber(name: string): number | null {
  if (!/^[ \t\n\r\v\f]*[+-]?\d+[ \t\n\r\v\f]*$/.test(name)) return null;
  const number = Number(name);
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * Read all keys of a repository as one state: when files come, go or change meanwhile (a rotation), reading starts
 * over. Where that never ends, the keys found are still complete but for those that came in the meantime.
 *
 * @throws the error of the file system when the directory or a file cannot be read
 */
export async function readKeyFiles(directory: string): Promise<KeyFiles> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await stampKeyFiles(directory);
    const files: KeyFile[] = [];
    for (const { number, path, status } of before.entries) {
      const text = status.size > MAX_KEY_FILE_BYTES ? null : await unlessMissing(unlessForbidden(path));
      // A file that has gone since it was listed is a key no more.
      if (text === undefined) continue;
      const isForbidden = text === FORBIDDEN;
      files.push({
        number,
        path,
        text: isForbidden ? null : text,
        isForbidden,
        worldReadable: isWorldReadable(status),
      });
    }
    const after = await stampKeyFiles(directory);
    const stable = after.signature === before.signature;
    if (!stable && attempt < MAX_ATTEMPTS) continue;
    const { signature, directorySignature, worldReadable } = before;
    return { files, signature, directorySignature, settled: stable && after.settled, worldReadable };
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
  // Before anything is looked at: this process may be stopped for a while before it comes to the end.
  const begin = BigInt(Date.now()) * 1_000_000n;
  const status = await stat(directory, { bigint: true });
  const byNumber = new Map<number, { number: number; path: string; status: BigIntStats }>();
  for (const name of await readdir(directory)) {
    const number = keyNumber(name);
    if (number === null) continue;
    const path = join(directory, name);
    const entry = await unlessMissing(stat(path, { bigint: true }));
    // Two spellings of one number: the plain one counts, whatever the order of the listing.
    if (entry?.isFile() === true && (!byNumber.has(number) || name === String(number))) {
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
    settled: begin - newest > UNSETTLED_NS,
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

/** Why a directory cannot serve as a key repository, or null when it can. */
export async function repositoryProblem(
  directory: string,
  options: { write: boolean },
): Promise<string | null> {
  const wanted = constants.R_OK | constants.X_OK | (options.write ? constants.W_OK : 0);
  try {
    if (!(await stat(directory)).isDirectory()) return 'is not a directory';
    await access(directory, wanted);
    return null;
  } catch (error) {
    return isMissing(error) ? MISSING : 'cannot be accessed with the permissions of this process';
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** One file that somebody copied with the wrong owner must not cost all the other keys. */
async function unlessForbidden(path: string): Promise<string | typeof FORBIDDEN> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return FORBIDDEN;
    throw error;
  }
}

function isWorldReadable({ mode }: BigIntStats): boolean {
  return (mode & BigInt(constants.S_IROTH)) !== 0n;
}

async function unlessMissing<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
