/** Writing side of a key repository: first keys and rotation (`keystone-manage fernet_setup`, `fernet_rotate`, …). */

import type { FileHandle } from 'node:fs/promises';
import { access, lchown, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FernetKey } from './fernet.js';
import { isMissing, MISSING, repositoryProblem, stampKeyFiles } from './key_files.js';

/** The owner of new files. Both must be known, or nothing is changed. */
export interface KeyOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface RotationOptions {
  /** How many keys are kept, the staged one included; at least 1. */
  readonly maxActiveKeys: number;
  readonly owner?: KeyOwner;
}

/** What a rotation did, by key number. */
export interface Rotation {
  readonly primary: number;
  readonly removed: readonly number[];
}

/** Setup or rotation is not possible; the message names the path and what to do. */
export class KeyRotationError extends Error {
  override readonly name = 'KeyRotationError';
}

const STAGED = '0';
const UNFINISHED = '0.tmp';
/** A rotation takes milliseconds: an older unfinished file was left behind by one that was killed. */
const STALE_MS = 60_000;

/**
 * Create the repository's directory (mode 0700) and its first two keys, unless it has a staged key already.
 *
 * @returns whether anything was created
 * @throws KeyRotationError
 */
export async function setupKeys(directory: string, options: RotationOptions): Promise<boolean> {
  if ((await repositoryProblem(directory, { write: false })) === MISSING) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Not `chown`: whoever owns the folder above may have put a link in its place, which root must not follow.
    if (options.owner !== undefined) await lchown(directory, options.owner.uid, options.owner.gid);
  }
  await assertWritable(directory);
  try {
    await access(join(directory, STAGED));
    return false;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await writeUnfinishedKey(directory, options.owner);
  await rename(join(directory, UNFINISHED), join(directory, STAGED));
  await rotateKeys(directory, options);
  return true;
}

/**
 * Promote the staged key to primary, stage a new one, and remove the oldest keys beyond `maxActiveKeys`.
 *
 * No moment has fewer keys than the moment before, except for those removed at the end: the staged key gets its new
 * number beside the old one before the new staged key replaces it.
 *
 * @throws KeyRotationError when there is no usable staged key, no key may be kept, or another rotation is under way
 */
export async function rotateKeys(directory: string, options: RotationOptions): Promise<Rotation> {
  if (options.maxActiveKeys < 1) {
    throw new KeyRotationError(`key repository ${directory} must keep at least one key, the staged one`);
  }
  await assertWritable(directory);
  const staged = join(directory, STAGED);
  await assertUsableStagedKey(staged);

  // From here on all others are kept out: only now it is settled which keys there are.
  await writeUnfinishedKey(directory, options.owner);
  const active = new Map<number, string>();
  let primary: number;
  try {
    for (const { number, path } of (await stampKeyFiles(directory)).entries) active.set(number, path);
    primary = Math.max(...active.keys()) + 1;
    await promote(staged, join(directory, String(primary)));
    await rename(join(directory, UNFINISHED), staged);
  } catch (error) {
    await remove(join(directory, UNFINISHED));
    throw error;
  }
  await syncDirectory(directory);

  active.delete(0);
  active.set(primary, join(directory, String(primary)));
  const oldestFirst = [...active.entries()].sort(([left], [right]) => left - right);
  const excess = oldestFirst.slice(0, Math.max(0, oldestFirst.length - (options.maxActiveKeys - 1)));
  for (const [, path] of excess) await remove(path);
  await syncDirectory(directory);
  return { primary, removed: excess.map(([number]) => number) };
}

/** Remove a file, which may have gone meanwhile. */
const remove = (path: string): Promise<void> => rm(path, { force: true });

async function assertWritable(directory: string): Promise<void> {
  const problem = await repositoryProblem(directory, { write: true });
  if (problem !== null) throw new KeyRotationError(`key repository ${directory} ${problem}`);
}

async function assertUsableStagedKey(path: string): Promise<void> {
  try {
    void new FernetKey(await readFile(path, 'utf8'));
  } catch (error) {
    const why = isMissing(error) ? 'is missing' : 'is not a usable key';
    throw new KeyRotationError(
      `staged key ${path} ${why}: it would become the key that encrypts; restore it or set the repository up anew`,
      { cause: error },
    );
  }
}

/** Give the staged key its number; a hard link keeps it readable under both names until it is replaced. */
async function promote(staged: string, target: string): Promise<void> {
  try {
    await link(staged, target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST')
      throw new KeyRotationError(`${target} appeared meanwhile: another rotation is under way`);
    // File systems without hard links.
    await rename(staged, target);
  }
}

/** Write a new key under a name that no reader takes for a key. The name also keeps two rotations apart. */
async function writeUnfinishedKey(directory: string, owner: KeyOwner | undefined): Promise<void> {
  const path = join(directory, UNFINISHED);
  const file = await openUnfinished(path);
  try {
    await file.chmod(0o600);
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.writeFile(FernetKey.generate().text);
    await file.sync();
  } catch (error) {
    await remove(path);
    throw error;
  } finally {
    await file.close();
  }
}

async function openUnfinished(path: string): Promise<FileHandle> {
  const make = (): Promise<FileHandle> => open(path, 'wx', 0o600);
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (!(await wasLeftBehind(path))) {
      throw new KeyRotationError(`${path} exists: another rotation is under way`, { cause: error });
    }
    await remove(path);
    return make();
  }
}

/** False, too, when it has gone meanwhile: whoever made it was at work. */
async function wasLeftBehind(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs >= STALE_MS;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Make renames durable: after a power failure a node must not come back with keys that others have dropped. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
