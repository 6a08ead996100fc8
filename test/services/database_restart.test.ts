import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DatabaseUnavailableError, dbSync, openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { services, startService } from '../support/services/index.js';
import type { RunningService } from '../support/services/types.js';
import { IMPATIENT } from '../unit/common/sql/support.js';

const NAMES = prepareSql({ text: 'SELECT "name" FROM "role"', columns: { name: 'text' } });

for (const kind of ['mariadb', 'postgres'] as const) {
  describe(`a ${kind} server that is restarted under load`, function restarted() {
    this.timeout(600_000);
    let server: RunningService;
    let url: string;

    before(async function prepare() {
      const missing = services[kind].missing();
      if (missing !== null && process.env['REQUIRE_SERVICES'] !== '1') this.skip();
      // One of its own: the others' tests would not like this.
      server = await startService(services[kind]);
      const maintenance = await openDatabase({ url: server.address, options: IMPATIENT });
      await maintenance.execute(prepareSql({ text: 'CREATE DATABASE loaded', once: true }));
      await maintenance.close();
      url = server.address.replace(/\/[^/]*$/, '/loaded');
    });
    after(() => server.stop());

    it('loses nothing that was acknowledged, leaves nothing half, and serves again without our restart', async () => {
      const database = await openDatabase({
        url,
        options: { ...IMPATIENT, max_pool_size: 4, max_overflow: 0 },
      });
      await dbSync(database);
      const acknowledged: string[] = [];
      const failures: unknown[] = [];
      const over = new AbortController();
      let next = 0;
      const write = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const name = `pair ${(next += 1)}`;
          try {
            await database.transaction(async () => {
              await database.table('role').insert({ id: `${name} a`, name: `${name} a` });
              await database.table('role').insert({ id: `${name} b`, name: `${name} b` });
            });
            acknowledged.push(name);
          } catch (error) {
            failures.push(error);
            await sleep(10);
          }
        }
      };
      const read = async (): Promise<void> => {
        while (!over.signal.aborted) {
          await database.query(NAMES).catch((error: unknown) => failures.push(error));
          await sleep(10);
        }
      };
      const load = [write(), write(), write(), read(), read()];
      /** The time limit of the test is for what never comes. */
      const moreOf = async (list: readonly unknown[]): Promise<void> => {
        for (const before = list.length; list.length < before + 5; ) await sleep(10);
      };
      try {
        await moreOf(acknowledged);
        for (let time = 0; time < 2; time += 1) {
          await server.restart(() => moreOf(failures));
          // It goes on.
          await moreOf(acknowledged);
        }
      } finally {
        over.abort();
        await Promise.all(load);
      }

      for (const error of failures) expect(error).to.be.instanceOf(DatabaseUnavailableError);
      const names = new Set((await database.query(NAMES)).map(({ name }) => name));
      for (const name of acknowledged)
        expect(names.has(`${name} a`) && names.has(`${name} b`), name).to.equal(true);
      for (const name of names)
        expect(names.has(name.replace(/.$/, name.endsWith('a') ? 'b' : 'a')), name).to.equal(true);
      await database.close();
    });
  });
}
