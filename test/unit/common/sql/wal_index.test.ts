import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SqliteFile } from '../../../../src/common/sql/sqlite/file.js';
import { SqliteHandle } from '../../../../src/common/sql/sqlite/handle.js';
import { WalIndex } from '../../../../src/common/sql/sqlite/wal_index.js';

describe("a look at the index of SQLite's write-ahead log", () => {
  let folder: string;
  let path: string;
  let file: SqliteFile;
  let index: WalIndex;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystone-wal-'));
    path = join(folder, 'x.db');
    file = await SqliteFile.open(path, { synchronous: false });
    await file.run('CREATE TABLE t (n INTEGER)', []);
    if (file.walIndex === null) throw new Error('there is no index');
    index = file.walIndex;
  });
  afterEach(async () => {
    await file.close();
    await rm(folder, { recursive: true, force: true });
  });

  const state = (): Buffer => {
    const now = index.state();
    if (now === null) throw new Error('no state');
    return now;
  };

  it('shows each commit, of this connection and of others, and nothing else', async () => {
    const other = await SqliteHandle.open(path, []);
    for (const write of [
      () => file.run('INSERT INTO t VALUES (1)', []),
      () => other.run('INSERT INTO t VALUES (2)', []),
    ]) {
      const before = state();
      await file.read('SELECT n FROM t', []);
      expect(index.isStill(before)).to.equal(true);
      await write();
      expect(index.isStill(before)).to.equal(false);
    }
    const before = state();
    await other.execute('BEGIN IMMEDIATE');
    await other.run('INSERT INTO t VALUES (3)', []);
    expect(index.isStill(before)).to.equal(true);
    await other.execute('ROLLBACK');
    expect(index.isStill(before)).to.equal(true);
    await other.close();
  });

  it('never takes a new state for an earlier one, also when the log begins anew', async () => {
    const seen: Buffer[] = [];
    for (let number = 0; number < 30; number += 1) {
      await file.run('INSERT INTO t VALUES (?)', [number]);
      for (const earlier of seen) expect(index.isStill(earlier)).to.equal(false);
      seen.push(state());
      if (number % 10 === 9) await file.write((writer) => writer.once('PRAGMA wal_checkpoint(RESTART)'));
    }
  });

  it("leaves SQLite's locks alone when another look at the same file ends", async () => {
    const second = await SqliteFile.open(path, { synchronous: false });
    await file.write(async (writer) => {
      await writer.execute('BEGIN IMMEDIATE');
      await writer.run('INSERT INTO t VALUES (1)', []);
      await second.close();
      const before = state();
      await writer.execute('COMMIT');
      expect(index.isStill(before)).to.equal(false);
    });
    expect(await file.read('SELECT n FROM t', [])).to.have.length(1);
  });

  it('tells nothing where there is none, or after its end', async () => {
    const lone = join(folder, 'lone');
    await writeFile(lone, '');
    expect(WalIndex.open(lone)).to.equal(null);
    const other = WalIndex.open(path);
    const before = state();
    other?.close();
    expect(other?.state()).to.equal(null);
    expect(other?.isStill(before)).to.equal(false);
  });
});
