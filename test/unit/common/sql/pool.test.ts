/** The options of `[database]` that are about connections, on real servers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { openDatabase, prepareSql } from '../../../../src/common/sql/index.js';
import { doorTo } from '../../../support/door.js';
import { freePort } from '../../../support/services/processes.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT } from './support.js';

type Options = NonNullable<Parameters<typeof openDatabase>[0]['options']>;
type Opened = Awaited<ReturnType<typeof openDatabase>>;

const columns = { id: 'integer' } as const;
const OWN_ID = {
  mariadb: prepareSql({ text: 'SELECT CONNECTION_ID() AS id', columns }),
  postgres: prepareSql({ text: 'SELECT pg_backend_pid() AS id', columns }),
};

for (const kind of ['mariadb', 'postgres'] as const) {
  describe(`connections to ${kind}`, () => {
    let empty: EmptyDatabase;
    const opened: Opened[] = [];

    before(async function prepare() {
      empty = await emptyDatabase(this, kind);
    });
    afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())));
    after(() => empty.remove());

    async function open(options: Options, url = empty.url): Promise<Opened> {
      const database = await openDatabase({ url, options: { ...IMPATIENT, ...options } });
      opened.push(database);
      return database;
    }
    async function idOf(database: Opened): Promise<number | undefined> {
      return (await database.query(OWN_ID[kind]))[0]?.id;
    }

    it('are max_pool_size and max_overflow together at most', async () => {
      const database = await open({ max_pool_size: 2, max_overflow: 1 });
      const ids: (number | undefined)[] = [];
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const holders = Array.from({ length: 3 }, () =>
        database.transaction(async () => {
          ids.push(await idOf(database));
          await released;
        }),
      );
      while (ids.length < 3) await sleep(5);
      expect(new Set(ids).size).to.equal(3);
      // All are taken: the others get one of them, when it comes free.
      const others = Array.from({ length: 6 }, async () => ids.push(await idOf(database)));
      await sleep(50);
      expect(ids).to.have.length(3);
      release();
      await Promise.all([...holders, ...others]);
      expect(ids).to.have.length(9);
      expect(new Set(ids).size).to.equal(3);
    });

    it('are used again, until idle_timeout has passed', async () => {
      const young = await open({ max_pool_size: 1, max_overflow: 0, idle_timeout: 600 });
      const old = await open({ max_pool_size: 1, max_overflow: 0, idle_timeout: 1 });
      const before = [await idOf(young), await idOf(old)];
      await sleep(1100);
      expect(await idOf(young)).to.equal(before[0]);
      expect(await idOf(old)).not.to.equal(before[1]);
    });

    if (kind === 'mariadb') {
      it('have the modes of mysql_sql_mode, and those without which our statements would mean something else', async () => {
        const modes = async (options: Options): Promise<string> => {
          const query = prepareSql({
            text: 'SELECT @@SESSION.sql_mode AS modes',
            columns: { modes: 'text' },
          });
          return (await (await open(options)).query(query))[0]?.modes ?? '';
        };
        const always = ['ANSI_QUOTES', 'PIPES_AS_CONCAT'];
        expect((await modes({})).split(',')).to.include.members(['STRICT_ALL_TABLES', ...always]);
        for (const mysql_sql_mode of ['', 'NO_ZERO_DATE, NO_BACKSLASH_ESCAPES']) {
          expect((await modes({ mysql_sql_mode })).split(',').sort()).to.deep.equal(
            [...always, ...(mysql_sql_mode === '' ? [] : ['NO_ZERO_DATE'])].sort(),
          );
        }
      });
    }

    it('are tried max_retries times, retry_interval apart, before a start is given up', async () => {
      const target = new URL(empty.url);
      const port = await freePort();
      const url = new URL(empty.url);
      url.port = String(port);
      const opening = open({ max_retries: 500, retry_interval: 0.1 }, url.href);
      await sleep(400);
      // It opens while the service waits before it.
      const door = await doorTo(target.host, { port });
      const database = await opening;
      expect(await idOf(database)).to.be.a('number');
      await database.close();
      opened.splice(0);
      await door.close();
    });
  });
}
