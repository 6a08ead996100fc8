import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { expect } from 'chai';
import {
  DatabaseUnavailableError,
  dbSync,
  openDatabase,
  prepareSql,
  RetryableError,
} from '../../../../src/common/sql/index.js';
import { rejection } from '../../../support/rejection.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT } from './support.js';

type Opened = Awaited<ReturnType<typeof openDatabase>>;

const PRAGMA = (name: string) => prepareSql({ text: `SELECT * FROM pragma_${name}`, columns: {} });
const COUNT = prepareSql({ text: 'SELECT COUNT(*) AS n FROM "role"', columns: { n: 'integer' } });

describe('SQLite', () => {
  let empty: EmptyDatabase;
  let database: Opened;
  const open = (): Promise<Opened> => openDatabase({ url: empty.url, options: IMPATIENT });
  const role = (id: string) => database.table('role').insert({ id, name: id });

  before(async function prepare() {
    empty = await emptyDatabase(this, 'sqlite');
    database = await open();
    await dbSync(database);
  });
  after(async () => {
    await database.close();
    await empty.remove();
  });
  beforeEach(() => database.execute(prepareSql({ text: 'DELETE FROM "role"' })));

  it('runs with write-ahead log and foreign keys, on reading and writing connections', async () => {
    const settings = async (): Promise<object> => ({
      ...(await database.query(PRAGMA('journal_mode')))[0],
      ...(await database.query(PRAGMA('foreign_keys')))[0],
    });
    const expected = { journal_mode: 'wal', foreign_keys: 1 };
    expect(await settings()).to.deep.equal(expected);
    expect(await database.transaction(settings)).to.deep.equal(expected);
  });

  it('keeps the file from everybody else', async () => {
    const path = empty.url.replace('sqlite:///', '');
    expect((await stat(path)).mode & 0o077).to.equal(0);
  });

  it('writes times and booleans as SQLAlchemy does', async () => {
    await database
      .table('token')
      .insert({ id: 't', valid: true, expires: new Date('2026-02-03T04:05:06.789Z') });
    const raw = prepareSql({ text: 'SELECT "expires", "valid" FROM "token"', columns: { expires: 'text' } });
    expect(await database.query(raw)).to.deep.equal([{ expires: '2026-02-03 04:05:06.789000', valid: 1 }]);
  });

  it('reads while a transaction is open, and sees nothing of it', async () => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let began = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const transaction = database.transaction(async () => {
      await role('a');
      began();
      await held;
    });
    await begun;
    expect(await database.query(COUNT)).to.deep.equal([{ n: 0 }]);
    expect(await database.table('role').count()).to.equal(0);
    finish();
    await transaction;
    expect(await database.query(COUNT)).to.deep.equal([{ n: 1 }]);
  });

  it('lets more transactions wait than the process has threads', async () => {
    const many = Array.from({ length: 40 }, (_, position) =>
      database.transaction(async () => {
        await database.query(COUNT);
        await role(`r${position}`);
      }),
    );
    await Promise.all(many);
    expect(await database.table('role').count()).to.equal(40);
  });

  it('fails a statement that is wrong each time, and serves the next one', async () => {
    const wrong = prepareSql({ text: 'SELECT "r"."nope" FROM "role" "r"', columns: {} });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await rejection(database.query(wrong))).name).to.equal('DatabaseError');
    }
    expect(await database.query(COUNT)).to.deep.equal([{ n: 0 }]);
  });

  it('changes its token with every commit, of this process and of others', async () => {
    const other = await open();
    const first = await database.changeToken();
    expect(await database.changeToken()).to.equal(first);
    await role('a');
    const second = await database.changeToken();
    expect(second).not.to.equal(first);
    await other.table('role').insert({ id: 'b', name: 'b' });
    const third = await database.changeToken();
    expect(third).not.to.equal(second);
    await database.query(COUNT);
    expect(await database.changeToken()).to.equal(third);
    await other.close();
  });

  it('loses no update of several processes', async function processes() {
    this.timeout(120_000);
    await database.table('role').insert({ id: 'counter', name: 'counter', description: '0' });
    const worker = new URL('sqlite_counter.ts', import.meta.url);
    const children = Array.from({ length: 3 }, () => fork(worker, [empty.url, '60']));
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
    expect(codes).to.deep.equal([0, 0, 0]);
    expect((await database.table('role').get('counter'))?.description).to.equal('180');
  });

  it('keeps its locks when the file is opened a second time', async function twice() {
    const locks = async (): Promise<number> => {
      const { ino } = await stat(empty.url.replace('sqlite:///', ''));
      const all = await readFile('/proc/locks', 'utf8').catch(() => this.skip());
      return all.split('\n').filter((line) => line.includes(`:${ino} `)).length;
    };
    await database.query(COUNT);
    // Not everywhere are all locks told.
    if ((await locks()) === 0) this.skip();
    const second = await open();
    // Without them other programs see nobody there, and do away with the log: what they write then is not seen here.
    expect(await locks()).to.be.above(0);
    await second.close();
    expect(await locks()).to.be.above(0);
  });

  it('refuses a database in memory, and names a file that cannot be opened as unavailable', async () => {
    expect((await rejection(openDatabase({ url: 'sqlite://' }))).message).to.match(/in memory/);
    const nowhere = openDatabase({ url: 'sqlite:////proc/nope/keystone.db', options: IMPATIENT });
    expect(await rejection(nowhere))
      .to.be.instanceOf(DatabaseUnavailableError)
      .and.not.instanceOf(RetryableError);
  });
});
