/** The file of `dogpile.cache.dbm`: what has expired goes from it, however much else it holds. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { Arguments } from '../../../../src/common/cache/arguments.js';
import { createBackend } from '../../../../src/common/cache/backends/dbm.js';
import { holdClock } from '../../../support/held_clock.js';

/** Entries that stay, and those that come and go beside them. */
const LASTING = 8000;
const ROUNDS = 10;
const PASSING = 4000;

describe('a file as a cache', () => {
  it('does not grow with what has expired', async function sweep() {
    this.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    const path = join(folder, 'cache.dbm');
    const clock = holdClock();
    try {
      const backend = await createBackend(new Arguments([`filename:${path}`], 'dogpile.cache.dbm'));
      let made = 0;
      const key = (): string => createHash('sha256').update(String(made++)).digest('base64url');
      const write = (count: number, seconds: number): Promise<unknown> =>
        Promise.all(Array.from({ length: count }, () => backend.set(key(), 'value', seconds)));
      await write(LASTING, 3600);
      for (let round = 0; round < ROUNDS; round += 1) {
        await write(PASSING, 1);
        clock.advance(2000);
      }
      await backend.close();
      const file = open({ path, noSubdir: true });
      const count = Array.from(file.getKeys()).length;
      await file.close();
      // Between two looks at the same place, a fifth is written.
      expect(count).to.be.within(LASTING, 2 * (LASTING + PASSING));
    } finally {
      clock.release();
      await rm(folder, { recursive: true });
    }
  });
});
