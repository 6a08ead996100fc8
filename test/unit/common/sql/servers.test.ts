import { AsyncResource } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { SHARDS } from '../../../../src/common/sql/changes/triggers.js';
import {
  ConnectionLostError,
  DatabaseUnavailableError,
  dbSync,
  openDatabase,
  prepareSql,
} from '../../../../src/common/sql/index.js';
import { rejection } from '../../../support/rejection.js';
import { freePort } from '../../../support/services/processes.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT } from './support.js';

type Opened = Awaited<ReturnType<typeof openDatabase>>;

const COUNT = prepareSql({ text: 'SELECT COUNT(*) AS n FROM "role"', columns: { n: 'integer' } });

/** Made before any transaction: what runs in it belongs to none. */
const elsewhere = new AsyncResource('elsewhere');

/** Statements that name every other connection to the current database; that of PostgreSQL ends them as well. */
const OTHERS = {
  mariadb: `SELECT "ID" AS "id" FROM information_schema.PROCESSLIST WHERE "DB" = DATABASE() AND "ID" <> CONNECTION_ID()`,
  postgres: `SELECT pid AS "id", pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`,
} as const;

/** Which row of the counter of changes a connection moves. */
const SHARD = {
  mariadb: `SELECT CONNECTION_ID() % ${SHARDS.mysql} AS "shard"`,
  postgres: `SELECT pg_backend_pid() % ${SHARDS.postgres} AS "shard"`,
} as const;

for (const kind of ['mariadb', 'postgres'] as const) {
  describe(`a ${kind} server`, () => {
    let empty: EmptyDatabase;
    let database: Opened;
    const opened: Opened[] = [];

    before(async function prepare() {
      empty = await emptyDatabase(this, kind);
      database = await openDatabase({ url: empty.url, options: IMPATIENT });
      await dbSync(database);
    });
    afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));
    after(async () => {
      await database.close();
      await empty.remove();
    });

    /** A way to the database over a single connection. */
    const openSingle = (): Promise<Opened> =>
      openDatabase({ url: empty.url, options: { ...IMPATIENT, max_pool_size: 1, max_overflow: 0 } });

    /** Ends every other connection, as a restart of the server does, and waits until the server has no other. */
    async function endConnections(): Promise<void> {
      const single = await openSingle();
      const others = prepareSql({ text: OTHERS[kind], columns: { id: 'integer' } });
      for (;;) {
        const rows = await single.query(others);
        if (rows.length === 0) break;
        for (const { id } of kind === 'mariadb' ? rows : []) {
          // One that was about to end by itself may be gone by now, which is an error; the next look shows it.
          await single.execute(prepareSql({ text: `KILL ${id}`, once: true })).catch(() => undefined);
        }
        await sleep(5);
      }
      await single.close();
    }

    /**
     * Two ways to the database for transactions that wait for each other in the middle. Those of connections that move
     * the same row of the counter, one in so many, would come there one after the other only. Open until the test ends.
     */
    async function openTwo(): Promise<readonly [Opened, Opened]> {
      const query = prepareSql({ text: SHARD[kind], columns: { shard: 'integer' } });
      const shardOf = async (one: Opened): Promise<unknown> => (await one.query(query))[0]?.shard;
      const first = await openSingle();
      opened.push(first);
      for (;;) {
        const second = await openSingle();
        opened.push(second);
        if ((await shardOf(second)) !== (await shardOf(first))) return [first, second];
      }
    }

    it('may end idle connections without a reader noticing', async () => {
      for (let time = 0; time < 3; time += 1) {
        await Promise.all([database.query(COUNT), database.table('role').count()]);
        await endConnections();
        expect(await database.query(COUNT)).to.deep.equal([{ n: 0 }]);
        expect(await database.table('role').find()).to.deep.equal([]);
      }
    });

    it('may end connections in the middle of a transaction, which leaves nothing behind', async () => {
      const broken = database.transaction(async () => {
        await database.table('role').insert({ id: 'a', name: 'a' });
        await endConnections();
        await database.table('role').insert({ id: 'b', name: 'b' });
      });
      expect(await rejection(broken)).to.be.instanceOf(ConnectionLostError);
      expect(await database.query(COUNT)).to.deep.equal([{ n: 0 }]);
      await database.transaction(() => database.table('role').insert({ id: 'c', name: 'c' }));
      expect(await database.table('role').delete({ id: 'c' })).to.equal(1);
    });

    it('repeats a transaction whose connection broke when it is told to', async () => {
      const patient = await openDatabase({
        url: empty.url,
        options: { ...IMPATIENT, use_db_reconnect: true, db_retry_interval: 0 },
      });
      let attempts = 0;
      await patient.transaction(async () => {
        attempts += 1;
        await patient.table('role').insert({ id: 'd', name: 'd' });
        if (attempts === 1) await endConnections();
        await patient.table('role').insert({ id: 'e', name: 'e' });
      });
      expect(attempts).to.equal(2);
      expect(await patient.table('role').delete({ id: ['d', 'e'] })).to.equal(2);
      await patient.close();
    });

    it('may deadlock: one of the two goes again, and both succeed', async () => {
      await database.table('role').insertMany([
        { id: 'x', name: 'x' },
        { id: 'y', name: 'y' },
      ]);
      const { meet, over, end } = meeting();
      let attempts = 0;
      const touch = async (by: Opened, first: string, second: string): Promise<void> => {
        let isFirst = true;
        await by.transaction(async () => {
          attempts += 1;
          if (!isFirst) await over();
          await by.table('role').update({ id: first }, { description: first });
          if (isFirst) await meet();
          isFirst = false;
          await by.table('role').update({ id: second }, { description: first });
        });
        end();
      };
      const [one, other] = await openTwo();
      await Promise.all([touch(one, 'x', 'y'), touch(other, 'y', 'x')]);
      expect(attempts).to.equal(3);
      const rows = await database.table('role').find({ where: { id: ['x', 'y'] } });
      expect(new Set(rows.map(({ description }) => description)).size).to.equal(1);
      await database.table('role').delete({ id: ['x', 'y'] });
    });

    it('has ended a transaction with a deadlock: nothing more is done in it, even when the error is caught', async () => {
      await database.table('role').insertMany([
        { id: 'x', name: 'x' },
        { id: 'y', name: 'y' },
      ]);
      const { meet, over, end } = meeting();
      const names: string[] = [];
      const touch = async (by: Opened, first: string, second: string): Promise<void> => {
        let attempt = 0;
        await by.transaction(async () => {
          attempt += 1;
          if (attempt > 1) await over();
          await by.table('role').update({ id: first }, { description: first });
          if (attempt === 1) await meet();
          const update = by.savepoint(() => by.table('role').update({ id: second }, { description: first }));
          await update.catch(() => names.push(first));
          await by.table('role').insert({ id: `${first} ${attempt}`, name: `${first} ${attempt}` });
        });
        end();
      };
      const [one, other] = await openTwo();
      await Promise.all([touch(one, 'x', 'y'), touch(other, 'y', 'x')]);
      expect(names).to.have.length(1);
      const rows = await database.table('role').find({ order: ['id'] });
      const [loser] = names;
      const expected = ['x', 'y', ...['x', 'y'].map((name) => `${name} ${name === loser ? 2 : 1}`)];
      expect(rows.map(({ id }) => id).sort()).to.deep.equal(expected.sort());
      await database.table('role').delete({ id: expected });
    });

    it('serves more at once than there are connections', async () => {
      const narrow = await openDatabase({
        url: empty.url,
        options: { ...IMPATIENT, max_pool_size: 2, max_overflow: 0 },
      });
      const counts = await Promise.all(Array.from({ length: 30 }, () => narrow.query(COUNT)));
      expect(counts).to.have.length(30);
      await narrow.close();
    });

    it('is reported as unavailable when no connection becomes free in time', async () => {
      const narrow = await openDatabase({
        url: empty.url,
        // A slow machine takes longer than that to connect.
        options: { max_retries: -1, retry_interval: 0, max_pool_size: 1, max_overflow: 0, pool_timeout: 0.1 },
      });
      let error: unknown;
      await narrow.transaction(async () => {
        error = await rejection(elsewhere.runInAsyncScope(() => narrow.query(COUNT)));
      });
      expect(error).to.be.instanceOf(DatabaseUnavailableError);
      await narrow.close();
    });

    it('is named, without the password, when it cannot be used', async () => {
      const url = new URL(empty.url);
      url.password = 'wr%23ng-secret';
      // As many attempts as one likes: the first answer is the last word.
      const patient = { ...IMPATIENT, max_retries: -1, retry_interval: 1000 };
      const refused = await rejection(openDatabase({ url: url.href, options: patient }));
      expect(refused).to.be.instanceOf(DatabaseUnavailableError);
      expect(refused.message).to.match(
        /\[database\] connection (mysql|postgres)\S*:\/\/keystone:\*\*\*@127\.0\.0\.1/,
      );
      expect(refused.message).not.to.match(/secret/);
      url.port = String(await freePort());
      const nobody = await rejection(openDatabase({ url: url.href, options: IMPATIENT }));
      expect(nobody).to.be.instanceOf(DatabaseUnavailableError);
      expect(nobody.message).to.match(/ECONNREFUSED/);
    });

    it('may fall silent: a limit in the URL makes an error of it', async function silence() {
      this.timeout(120_000);
      // So long that a slow machine opens and asks in time.
      const [limit, wait] =
        kind === 'mariadb'
          ? ['read_timeout=3', 'SELECT SLEEP(60) AS v']
          : ['options=-c%20statement_timeout%3D3000', 'SELECT pg_sleep(60)::text AS v'];
      const limited = await openDatabase({ url: `${empty.url}?${limit}`, options: IMPATIENT });
      const silent = prepareSql({ text: wait, columns: { v: 'text' } });
      const began = performance.now();
      expect(await rejection(limited.query(silent, []))).to.be.instanceOf(DatabaseUnavailableError);
      expect(performance.now() - began).to.be.below(50_000);
      await limited.ping();
      await limited.close();
    });

    it('may be given a password with any characters', async () => {
      const password = `p@ss:w/rd %#?'"\\`;
      const account = `odd_${Date.now()}`;
      const literal = password.replaceAll("'", "''");
      const make =
        kind === 'mariadb'
          ? [`CREATE USER '${account}'@'127.0.0.1' IDENTIFIED BY '${literal.replaceAll('\\', '\\\\')}'`]
          : [`CREATE ROLE ${account} LOGIN PASSWORD '${literal}'`];
      for (const statement of make) await database.sequelize.query(statement);
      const url = new URL(empty.url);
      url.username = account;
      const anyone = url.href.replace(/:[^:@/]*@/, `:${encodeURIComponent(password)}@`);
      const server = kind === 'mariadb' ? anyone.replace(/\/[^/]*$/, '/information_schema') : anyone;
      const opened = await openDatabase({ url: server, options: IMPATIENT });
      await opened.ping();
      await opened.close();
      await database.sequelize.query(
        kind === 'mariadb' ? `DROP USER '${account}'@'127.0.0.1'` : `DROP ROLE ${account}`,
      );
    });
  });
}

/** What two transactions wait for that are to get in each other's way. */
interface Meeting {
  /** Until the other one has come here, too. */
  readonly meet: () => Promise<void>;
  /** Until one of them is over. Whoever is told to go again waits: it might come before the other once more. */
  readonly over: () => Promise<void>;
  readonly end: () => void;
}

function meeting(): Meeting {
  const [all, one] = [gate(), gate()];
  let missing = 2;
  return {
    meet() {
      missing -= 1;
      if (missing === 0) all.open();
      return all.opened;
    },
    over: () => one.opened,
    end: one.open,
  };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
