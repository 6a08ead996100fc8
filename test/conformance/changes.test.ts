import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { installChangeCounter, missingTriggers } from '../../src/common/sql/changes/install.js';
import { CHANGE_TABLE, SHARDS, TRIGGER_PREFIX } from '../../src/common/sql/changes/triggers.js';
import { dbSync, openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { readSession } from '../../src/common/sql/migrations/session.js';
import { rejection } from '../support/rejection.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

type Opened = Awaited<ReturnType<typeof openDatabase>>;

const DAY = 86_400_000;
/** What chooses the row of the counter that a connection moves, and how many rows there are. */
const NUMBER_OF_CONNECTION = {
  mariadb: 'SELECT CONNECTION_ID() AS n',
  postgres: 'SELECT pg_backend_pid() AS n',
} as const;
const ROWS = { mariadb: SHARDS.mysql, postgres: SHARDS.postgres } as const;
const once = (text: string): ReturnType<typeof prepareSql> => prepareSql({ text, once: true });

for (const kind of KINDS) {
  describe(`the proof that nothing has changed, on ${kind}`, function proof() {
    this.timeout(120_000);
    let empty: EmptyDatabase;
    /** The one that asks, and another process. */
    let database: Opened;
    let other: Opened;
    let names = 0;

    before(async function prepare() {
      empty = await emptyDatabase(this, kind);
      const options = { ...IMPATIENT, min_pool_size: 2 };
      database = await openDatabase({ url: empty.url, options });
      await dbSync(database);
      other = await openDatabase({ url: empty.url, options });
    });
    after(async () => {
      await other.close();
      await database.close();
      await empty.remove();
    });

    const newRole = (): { id: string; name: string } => {
      names += 1;
      return { id: `r${names}`, name: `r${names}` };
    };
    /** Whether work changes what both ask. */
    async function changes(work: () => Promise<unknown>): Promise<boolean> {
      const before = [await database.changeToken(), await database.generation()];
      expect(before).not.to.include(undefined);
      expect([await database.changeToken(), await database.generation()], 'at rest').to.deep.equal(before);
      await work();
      const after = [await database.changeToken(), await database.generation()];
      expect(after[0] === before[0]).to.equal(after[1] === before[1]);
      return after[0] !== before[0];
    }

    it('rests on triggers on every table', async () => {
      expect(await missingTriggers(readSession(database))).to.deep.equal([]);
    });

    it('shows rows that are added, changed and removed, by this process and by others', async () => {
      for (const writer of [database, other]) {
        const role = newRole();
        expect(await changes(() => writer.table('role').insert(role))).to.equal(true);
        expect(await changes(() => writer.table('role').update({ id: role.id }, { name: 'new' }))).to.equal(
          true,
        );
        expect(await changes(() => writer.table('role').delete({ id: role.id }))).to.equal(true);
      }
    });

    it('says the same to all processes', async () => {
      expect(await database.generation()).to.equal(await other.generation());
      await other.table('role').insert(newRole());
      expect(await database.generation()).to.equal(await other.generation());
    });

    it('shows a change with its commit: not before, and not when it is rolled back', async () => {
      const before = await database.changeToken();
      await other.transaction(async () => {
        await other.table('role').insert(newRole());
        expect(await database.changeToken()).to.equal(before);
      });
      const after = await database.changeToken();
      expect(after).not.to.equal(before);
      await other
        .transaction(async () => {
          await other.table('role').insert(newRole());
          throw new Error('no');
        })
        .catch(() => undefined);
      expect(await database.changeToken()).to.equal(after);
    });

    it('is none inside a transaction, which sees what others do not', async () => {
      await database.transaction(async () => {
        expect(await database.changeToken()).to.equal(undefined);
        expect(await database.generation()).to.equal(undefined);
      });
    });

    it('takes no notice of new tokens and of the removal of old ones, but of any other change of a token', async () => {
      const token = (id: string, age: number) => ({ id, expires: new Date(Date.now() - age), valid: true });
      const tokens = other.table('token');
      expect(await changes(() => tokens.insertMany([token('a', -DAY), token('b', DAY)]))).to.equal(false);
      if (kind !== 'postgres') expect(await changes(() => tokens.delete({ id: 'b' }))).to.equal(false);
      expect(await changes(() => tokens.update({ id: 'a' }, { valid: false }))).to.equal(true);
      expect(await changes(() => tokens.delete({ id: 'a' }))).to.equal(true);
    });

    it('takes no notice of failed sign-ins, but of any other change of a local user', async () => {
      await database
        .table('project')
        .insert({ id: 'd', name: 'd', domain_id: '<<keystone.domain.root>>', is_domain: true });
      await database.table('user').insert({ id: 'u', domain_id: 'd' });
      await database.table('local_user').insert({ user_id: 'u', domain_id: 'd', name: 'u' });
      const users = other.table('local_user');
      const failed = { failed_auth_count: 3, failed_auth_at: new Date() };
      expect(await changes(() => users.update({ user_id: 'u' }, failed))).to.equal(false);
      expect(await changes(() => users.update({ user_id: 'u' }, { name: 'v' }))).to.equal(true);
    });

    it('shows what goes with other rows', async () => {
      expect(await changes(() => other.table('user').delete({ id: 'u' }))).to.equal(true);
      expect(await other.table('local_user').count()).to.equal(0);
    });

    it('lets writers of different connections go on side by side', async () => {
      // Those whose numbers leave the same rest move the same row, and wait.
      const rowOf = async (writer: Opened): Promise<number> => {
        if (kind === 'sqlite') return 0;
        const own = { text: NUMBER_OF_CONNECTION[kind], columns: { n: 'integer' }, once: true } as const;
        return ((await writer.query(prepareSql(own), []))[0]?.n ?? 0) % ROWS[kind];
      };
      const more: Opened[] = [];
      try {
        await database.transaction(async () => {
          await database.table('role').insert(newRole());
          // SQLite has one writer anyhow.
          if (kind === 'sqlite') return;
          const held = await rowOf(database);
          let hasWritten = false;
          while (!hasWritten) {
            const writer = await openDatabase({ url: empty.url, options: IMPATIENT });
            more.push(writer);
            hasWritten = await writer.transaction(async () => {
              if ((await rowOf(writer)) === held) return false;
              await writer.table('role').insert(newRole());
              return true;
            });
          }
        });
      } finally {
        for (const writer of more) await writer.close();
      }
    });

    it('never comes by an earlier value again when a backup is restored', async () => {
      const seen = new Set([await database.changeToken(), await other.changeToken()]);
      await other.execute(once(`UPDATE ${CHANGE_TABLE} SET n = 0`));
      for (let time = 0; time < 5; time += 1) {
        const token = await database.changeToken();
        expect(seen.has(token)).to.equal(false);
        seen.add(token);
        await other.table('role').insert(newRole());
      }
    });

    it('leaps when db_sync runs again, for shared caches that remember another state', async () => {
      const before = BigInt((await database.generation()) ?? '');
      await dbSync(database);
      expect(BigInt((await database.generation()) ?? '') - before > 1000n).to.equal(true);
    });

    if (kind === 'postgres') {
      it('shows TRUNCATE, and changes in sessions that apply what was replicated', async () => {
        expect(await changes(() => other.execute(once('TRUNCATE token')))).to.equal(true);
        expect(
          await changes(() =>
            other.transaction(async () => {
              await other.execute(once('SET LOCAL session_replication_role = replica'));
              await other.table('role').insert(newRole());
            }),
          ),
        ).to.equal(true);
      });
    }
    if (kind === 'mariadb') {
      it('goes without where triggers are refused, which db_sync says', async () => {
        const account = `t${randomInt(2 ** 40)}`;
        await database.execute(once(`CREATE USER ${account}@'127.0.0.1' IDENTIFIED BY 'secret'`));
        const name = empty.url.replace(/^.*\//, '');
        const rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES, DROP';
        await database.execute(once(`GRANT ${rights} ON ${name}.* TO ${account}@'127.0.0.1'`));
        const url = empty.url.replace(/\/\/[^@]*@/, `//${account}:secret@`);
        const poor = await openDatabase({ url, options: IMPATIENT });
        try {
          await database.execute(once(`DROP TRIGGER ${TRIGGER_PREFIX}role_update`));
          const said: string[] = [];
          await dbSync(poor, { onProgress: (text) => said.push(text) });
          expect(said.join()).to.contain('no right to create tables and triggers');
          expect(await poor.changeToken()).to.equal(undefined);
          expect(await poor.generation()).to.equal(undefined);
        } finally {
          await poor.close();
          await dbSync(database);
          await database.execute(once(`DROP USER ${account}@'127.0.0.1'`));
        }
      });
    }

    if (kind === 'mariadb') {
      it('works again after db_sync when the account that made the triggers is gone', async () => {
        const account = `t${randomInt(2 ** 40)}`;
        await database.execute(once(`CREATE USER ${account}@'127.0.0.1' IDENTIFIED BY 'secret'`));
        const name = empty.url.replace(/^.*\//, '');
        await database.execute(once(`GRANT ALL ON ${name}.* TO ${account}@'127.0.0.1'`));
        const url = empty.url.replace(/\/\/[^@]*@/, `//${account}:secret@`);
        const former = await openDatabase({ url, options: IMPATIENT });
        await dbSync(former);
        await former.close();
        await database.execute(once(`DROP USER ${account}@'127.0.0.1'`));
        expect(await rejection(database.table('role').insert(newRole()))).to.be.instanceOf(Error);
        await dbSync(database);
        expect(await changes(() => other.table('role').insert(newRole()))).to.equal(true);
      });
    }

    it('has less to say where a trigger is missing, and all again after db_sync', async () => {
      const trigger = `${TRIGGER_PREFIX}role_${kind === 'postgres' ? 'change ON role' : 'update'}`;
      await database.execute(once(`DROP TRIGGER ${trigger}`));
      const fresh = await openDatabase({ url: empty.url, options: IMPATIENT });
      try {
        expect(await fresh.generation()).to.equal(undefined);
        const token = await fresh.changeToken();
        // MySQL has nothing else to go by.
        expect(token === undefined).to.equal(kind === 'mariadb');
        await other.table('role').insert(newRole());
        if (kind !== 'mariadb') expect(await fresh.changeToken()).not.to.equal(token);
      } finally {
        await fresh.close();
      }
      expect(await installChangeCounter(database, () => undefined)).to.equal(null);
      expect(await missingTriggers(readSession(database))).to.deep.equal([]);
    });
  });
}
