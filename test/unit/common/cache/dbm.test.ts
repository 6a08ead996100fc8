/** The file of `dogpile.cache.dbm`: what has expired goes from it, however much else it holds. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { RefusedError } from '../../../../src/common/breaker.js';
import { Arguments } from '../../../../src/common/cache/arguments.js';
import { createBackend } from '../../../../src/common/cache/backends/dbm.js';
import { FreeSpace } from '../../../../src/common/cache/backends/dbm_file.js';
import { holdClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';

/** Entries that stay, and those that come and go beside them. */
const LASTING = 8000;
const ROUNDS = 10;
const PASSING = 4000;

describe('a file as a cache', () => {
  const create = (path: string): ReturnType<typeof createBackend> =>
    createBackend(new Arguments([`filename:${path}`], 'dogpile.cache.dbm'));

  it('is refused when it is of another kind, with the option: the library would end the process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    try {
      const path = join(folder, 'cache.dbm');
      // GNU dbm, as Python makes it; the beginning of anything; what cannot be a file at all.
      for (const content of [Buffer.from('ce9a5713'.padEnd(20_000, '0'), 'hex'), Buffer.from('x')]) {
        await writeFile(path, content);
        const error = await rejection(create(path));
        expect(error.message).to.equal(
          `[cache] backend_argument = filename:${path}: it is a file of another kind; remove it, or name another`,
        );
      }
      for (const wrong of [folder, join(path, 'below')]) {
        const error = await rejection(create(wrong));
        expect(error.message).to.contain(`[cache] backend_argument = filename:${wrong}: `);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('may be empty, or its own of before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    try {
      const path = join(folder, 'cache.dbm');
      await writeFile(path, '');
      const first = await create(path);
      await first.set('k', 'kept', 60);
      await first.close();
      const second = await create(path);
      expect(await second.get('k')).to.equal('kept');
      await second.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is not written to where hardly any space is left: the library would end the process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    try {
      await new FreeSpace(folder, 0).require();
      const error = await rejection(new FreeSpace(folder, Number.MAX_SAFE_INTEGER).require());
      expect(error).to.be.instanceOf(RefusedError);
      expect(error.message).to.contain(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('does not grow with what has expired', async function sweep() {
    this.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    const path = join(folder, 'cache.dbm');
    const clock = holdClock();
    try {
      const backend = await create(path);
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
