import { expect } from 'chai';
import { dbSync, dbVersion, openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { type FoundTables, inspect } from '../../src/common/sql/migrations/inspect.js';
import { readSession } from '../../src/common/sql/migrations/session.js';
import { type RealKeystone, useKeystone } from '../support/services/keystone.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

type Opened = Awaited<ReturnType<typeof openDatabase>>;

const USERS = prepareSql({
  text: `SELECT l.name AS name, u.domain_id AS domain_id, p.password_hash AS hash, p.password AS old,
      p.created_at_int AS created
    FROM "user" u JOIN local_user l ON l.user_id = u.id JOIN password p ON p.local_user_id = l.id ORDER BY p.id`,
  columns: { name: 'text', domain_id: 'text', hash: 'text', old: 'text?', created: 'integer' },
});

/** Tables with their columns and keys in a settled order: who made them first differs. */
function settled(tables: FoundTables): object {
  const sorted = (items: readonly { readonly columns: readonly string[] }[]): string[] =>
    items.map((item) => item.columns.join()).sort();
  return Object.fromEntries(
    [...tables].map(([name, table]) => [
      name,
      {
        columns: Object.fromEntries(
          [...table.columns].map(([column, { type, nullable }]) => [column, { type, nullable }]),
        ),
        primaryKey: table.primaryKey,
        unique: sorted(table.unique),
        foreignKeys: sorted(table.foreignKeys),
        indexes: sorted(table.indexes),
      },
    ]),
  );
}

const bootstrap = (password: string): string[] => ['bootstrap', '--bootstrap-password', password];

for (const kind of KINDS) {
  describe(`a database shared with Keystone 22 on ${kind}`, function shared() {
    this.timeout(60_000);
    let theirs: EmptyDatabase;
    let ours: EmptyDatabase;
    let real: RealKeystone;
    let realOnOurs: RealKeystone;
    const opened: Opened[] = [];

    async function open(url: string): Promise<Opened> {
      const database = await openDatabase({ url, options: IMPATIENT });
      opened.push(database);
      return database;
    }

    before(async function prepare() {
      theirs = await emptyDatabase(this, kind);
      ours = await emptyDatabase(this, kind);
      real = await useKeystone(this, theirs.url);
      realOnOurs = await useKeystone(this, ours.url);
      this.timeout(60_000);
    });
    after(async () => {
      await Promise.all(opened.map((database) => database.close()));
      await Promise.all([theirs, ours, real, realOnOurs].map((item) => item.remove()));
    });

    it('made by it: is taken over with its rows, and ends like one of ours', async () => {
      await real.manage('db_sync');
      await real.manage(...bootstrap('first'));
      const database = await open(theirs.url);
      expect(await dbVersion(database)).to.deep.include({ origin: 'alembic', version: 109, complete: false });
      const before = await database.query(
        prepareSql({ text: 'SELECT id, name FROM role ORDER BY id', columns: {} }),
      );
      await dbSync(database);
      expect(await dbVersion(database)).to.deep.include({ origin: 'ours', complete: true });
      expect(
        await database.query(prepareSql({ text: 'SELECT id, name FROM role ORDER BY id', columns: {} })),
      ).to.deep.equal(before);
      const [admin] = await database.query(USERS);
      expect(admin).to.include({ name: 'admin', domain_id: 'default', old: null });
      expect(admin?.hash).to.match(/^\$2b\$/);
      expect(admin?.created).to.be.closeTo(Date.now() * 1000, 120_000_000);

      const fresh = await open(ours.url);
      await dbSync(fresh);
      expect(settled(await inspect(readSession(database)))).to.deep.equal(
        settled(await inspect(readSession(fresh))),
      );
    });

    it('taken over by us: goes on serving it', async () => {
      await real.manage('db_sync', '--check');
      await real.manage('db_sync');
      await real.manage(...bootstrap('second'));
      const database = await open(theirs.url);
      // The password was set once more.
      const rows = await database.query(USERS);
      expect(rows.map(({ name }) => name)).to.deep.equal(['admin', 'admin']);
    });

    it('made by us: is opened by it as it is', async () => {
      expect(await realOnOurs.manage('db_version')).to.match(/29e87d24a316/);
      await realOnOurs.manage('db_sync', '--check');
      await realOnOurs.manage(...bootstrap('third'));
      const database = await open(ours.url);
      const [admin] = await database.query(USERS);
      expect(admin).to.include({ name: 'admin', domain_id: 'default' });
      expect(await database.table('assignment').count()).to.equal(1);
    });
  });
}
