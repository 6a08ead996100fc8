import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { dbSync, dbVersion, openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { type FoundTables, inspect } from '../../src/common/sql/migrations/inspect.js';
import { readSession } from '../../src/common/sql/migrations/session.js';
import { type RealKeystone, useKeystone } from '../support/services/keystone.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

const run = promisify(execFile);

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

/** A domain and a user with a password, as releases shortly before Yoga write them. */
const ROWS_BEFORE_YOGA = [
  `INSERT INTO project (id, name, extra, description, enabled, domain_id, is_domain)
    VALUES ('d', 'd', '{}', '', TRUE, '<<keystone.domain.root>>', TRUE)`,
  `INSERT INTO "user" (id, extra, enabled, domain_id) VALUES ('u', '{}', TRUE, 'd')`,
  `INSERT INTO local_user (id, user_id, domain_id, name) VALUES (101, 'u', 'd', 'ann')`,
  `INSERT INTO password (id, local_user_id, self_service, password_hash, created_at, created_at_int)
    VALUES (101, 101, FALSE, '$2b$12$x', '2020-09-13 12:26:40', 1600000000000000)`,
];

const bootstrap = (password: string): string[] => ['bootstrap', '--bootstrap-password', password];

for (const kind of KINDS) {
  describe(`a database shared with Keystone 22 on ${kind}`, function shared() {
    this.timeout(600_000);
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
      this.timeout(600_000);
    });
    after(async () => {
      await Promise.all(opened.map((database) => database.close()));
      await Promise.all([theirs, ours, real, realOnOurs].map((item) => item.remove()));
    });

    it('made by it: is taken over with its rows, and ends like one of ours', async () => {
      await real.manage('db_sync');
      const begin = Date.now();
      await real.manage(...bootstrap('first'));
      const end = Date.now();
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
      expect(admin?.created).to.be.within(begin * 1000, (end + 1) * 1000);

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

    it('made by releases before Yoga: is taken over with its rows, and ends like one of ours', async function legacy() {
      this.timeout(600_000);
      const fresh = await open(ours.url);
      await dbSync(fresh);
      const expected = settled(await inspect(readSession(fresh)));
      for (const version of [73, 79]) {
        const empty = await emptyDatabase(this, kind);
        const realOnIt = await useKeystone(this, empty.url);
        try {
          const script = fileURLToPath(new URL('legacy_database.py', import.meta.url));
          await run('/usr/bin/python3', ['-W', 'ignore', script, empty.url, String(version)]);
          const database = await openDatabase({ url: empty.url, options: IMPATIENT });
          try {
            expect(await dbVersion(database)).to.deep.include({ origin: 'migrate', complete: false });
            for (const text of ROWS_BEFORE_YOGA) await database.execute(prepareSql({ text, once: true }));
            const hash = {
              name: 'ann',
              domain_id: 'd',
              hash: '$2b$12$x',
              old: null,
              created: 1_600_000_000_000_000,
            };
            for (const phase of ['expand', 'migrate', 'contract'] as const) await dbSync(database, { phase });
            expect(await dbVersion(database)).to.deep.include({ origin: 'ours', complete: true });
            expect(await database.query(USERS)).to.deep.equal([hash]);
            const found = new Map(await inspect(readSession(database)));
            // The bookkeeping of the old releases stays, for those who look.
            found.delete('migrate_version');
            expect(settled(found)).to.deep.equal(expected);
          } finally {
            await database.close();
          }
          if (version === 79) await realOnIt.manage('db_sync', '--check');
        } finally {
          await realOnIt.remove();
          await empty.remove();
        }
      }
    });
  });
}
