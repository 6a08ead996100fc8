/**
 * What has to be seen to before the library `lmdb` may touch a file: it does not report what it finds, it crashes, and
 * the process with it.
 */
import { mkdir, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError } from '../../breaker.js';

/** The number by which a file of lmdb says what it is, in the order of the machine, and where. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
/** Another process may be making the file just now. */
const LOOKS = 10;
const BETWEEN_LOOKS = 100;

/** Bytes that stay free for others: a page that cannot be written brings the process down. */
const LEAST_FREE = 64 * 2 ** 20;
/** Milliseconds for which a look at the free space counts. */
const FRESH = 1000;

/**
 * Make the folder of a file, and make sure that the file is one of lmdb's, empty, or not there.
 * @throws Error of the file system; Error for a file of another kind, such as Python's dbm modules leave
 */
export async function prepareFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  for (let look = 1; !(await isUsable(path)); look += 1) {
    if (look === LOOKS) throw new Error('it is a file of another kind; remove it, or name another');
    await sleep(BETWEEN_LOOKS);
  }
}

async function isUsable(path: string): Promise<boolean> {
  // Appending makes it when it is missing, and fails for a folder.
  const file = await open(path, 'a+', 0o600);
  try {
    if ((await file.stat()).size === 0) return true;
    const mark = Buffer.alloc(4);
    await file.read(mark, 0, mark.length, MAGIC_AT);
    return mark.readUInt32LE() === MAGIC || mark.readUInt32BE() === MAGIC;
  } finally {
    await file.close();
  }
}

/** Watches the space beside a file. */
export class FreeSpace {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isEnough = true;
  #look: Promise<void> | null = null;

  /** @param least bytes that have to be free */
  constructor(
    private readonly path: string,
    private readonly least = LEAST_FREE,
  ) {}

  /** @throws RefusedError when there is too little */
  async require(): Promise<void> {
    if (performance.now() - this.#lookedAt >= FRESH) {
      this.#look ??= this.#lookAtDisk().finally(() => (this.#look = null));
      await this.#look;
    }
    if (!this.#isEnough) throw new RefusedError(`the file system of ${this.path} is nearly full`);
  }

  async #lookAtDisk(): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    this.#isEnough = bavail * bsize >= this.least;
    this.#lookedAt = performance.now();
  }
}
