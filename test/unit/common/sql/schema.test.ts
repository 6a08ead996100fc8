import { expect } from 'chai';
import {
  DatabaseError,
  dbSync,
  dbVersion,
  openDatabase,
  prepareSql,
} from '../../../../src/common/sql/index.js';
import { type FoundTable, type FoundTables, inspect } from '../../../../src/common/sql/migrations/inspect.js';
import { readSession } from '../../../../src/common/sql/migrations/session.js';
import { tables } from '../../../../src/common/sql/models/index.js';
import type { TableDefinition } from '../../../../src/common/sql/table.js';
import { rejection } from '../../../support/rejection.js';
import { fromFacts, fromSqlite, keptUnique, zed } from './facts.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS, type Kind } from './support.js';

type Opened = Awaited<ReturnType<typeof openDatabase>>;

const OURS = ['keystone_koa_change', 'keystone_koa_migration'];
const definitions: Readonly<Record<string, TableDefinition>> = tables;

/** Without what we add to Keystone's own tables: indexes, and the one column that only Newton has. */
function withoutOurs(table: FoundTable): FoundTable {
  const own = new Set(definitions[table.name]?.ownIndexes.map(({ name }) => name));
  return {
    ...table,
    columns: new Map([...table.columns].filter(([name]) => table.name !== 'password' || name !== 'password')),
    indexes: table.indexes.filter(({ name }) => name === null || !own.has(name)),
  };
}

for (const kind of KINDS) {
  describe(`the schema on ${kind}`, () => {
    let empty: EmptyDatabase;
    let database: Opened;
    let found: FoundTables;

    before(async function prepare() {
      empty = await emptyDatabase(this, kind);
      database = await openDatabase({ url: empty.url, options: IMPATIENT });
      expect(await dbVersion(database)).to.deep.include({ origin: 'empty', version: 0, complete: false });
      await dbSync(database);
      found = await inspect(readSession(database));
    });
    after(async () => {
      await database.close();
      await empty.remove();
    });

    it('has the tables of Zed and our own bookkeeping', () => {
      expect([...found.keys()].sort()).to.deep.equal([...Object.keys(zed), ...OURS].sort());
    });

    it('has every column of Zed, and the password column of Newton', () => {
      for (const [name, { columns }] of Object.entries(zed)) {
        const table = found.get(name);
        const extra = name === 'password' ? ['password'] : [];
        expect([...(table?.columns.keys() ?? [])].sort(), name).to.deep.equal(
          [...columns.map((column) => column.name), ...extra].sort(),
        );
        for (const column of columns) {
          const is = table?.columns.get(column.name);
          expect(is?.nullable, `${name}.${column.name}`).to.equal(column.nullable);
          const length = /^VARCHAR\((\d+)\)/.exec(column.type)?.[1];
          const isEnum = column.mysql?.startsWith('ENUM') === true && kind !== 'sqlite';
          if (length !== undefined && !isEnum)
            expect(is?.length, `${name}.${column.name}`).to.equal(Number(length));
        }
      }
      expect(found.get('password')?.columns.get('password')).to.include({ nullable: true, length: 128 });
    });

    it('has the keys of Zed', () => {
      const keysOf = (items: readonly { readonly columns: readonly string[] }[]): string[] =>
        items.map(({ columns }) => columns.join()).sort();
      for (const [name, expected] of Object.entries(zed)) {
        const table = found.get(name);
        expect(table?.primaryKey, name).to.deep.equal(expected.primary_key);
        expect(keysOf(table?.unique ?? []), name).to.deep.equal(
          keysOf(keptUnique(expected, database.dialect)),
        );
        const foreign = expected.foreign_keys.filter(() => kind === 'sqlite' || name !== 'assignment');
        expect(keysOf(table?.foreignKeys ?? []), name).to.deep.equal(keysOf(foreign));
        for (const index of expected.indexes) {
          expect(keysOf(table?.indexes ?? []), name).to.include(index.columns.join());
        }
      }
    });

    it('has an index for every foreign key', () => {
      for (const table of found.values()) {
        const keys = [table.primaryKey, ...[...table.unique, ...table.indexes].map(({ columns }) => columns)];
        for (const { columns } of table.foreignKeys) {
          expect(
            keys.some((key) =>
              columns.some((_, n) => key.slice(0, n + 1).join() === columns.slice(0, n + 1).join()),
            ),
            `${table.name} ${columns.join()}`,
          ).to.equal(true);
        }
      }
    });

    it('holds the root domain', async () => {
      expect(await database.table('project').find()).to.deep.equal([
        {
          id: '<<keystone.domain.root>>',
          name: '<<keystone.domain.root>>',
          extra: '{}',
          description: '',
          enabled: false,
          domain_id: '<<keystone.domain.root>>',
          parent_id: null,
          is_domain: true,
        },
      ]);
    });

    it('is complete, and stays as it is when made again', async () => {
      expect(await dbVersion(database)).to.deep.equal({
        origin: 'ours',
        phases: {
          expand: 'expand-002-index-of-revocations',
          migrate: 'migrate-001-data-of-newton',
          contract: 'contract-003-open-to-zed',
        },
        version: 109,
        complete: true,
      });
      const said: string[] = [];
      await dbSync(database, { onProgress: (text) => said.push(text) });
      expect(said).to.deep.equal([]);
      expect(await inspect(readSession(database))).to.deep.equal(found);
    });
  });
}

describe('the schema on SQLite', () => {
  it('equals that of Zed, table by table, but for what we add', async function compare() {
    const { database, remove } = await synced(this, 'sqlite');
    const found = await inspect(readSession(database));
    for (const [name, expected] of Object.entries(zed)) {
      const table = found.get(name);
      if (table === undefined) throw new Error(`no table ${name}`);
      expect(fromSqlite(withoutOurs(table)), name).to.deep.equal(fromFacts(expected));
    }
    await remove();
  });

  it('is what the models declare', async function compare() {
    const { database, remove } = await synced(this, 'sqlite');
    const found = await inspect(readSession(database));
    for (const [name, { columns, indexes, ownIndexes }] of Object.entries(definitions)) {
      const table = found.get(name);
      expect([...(table?.columns.keys() ?? [])], name).to.deep.equal(Object.keys(columns));
      const names = table?.indexes.map((index) => index.name);
      expect(names, name).to.have.members([...indexes, ...ownIndexes].map((index) => index.name));
    }
    await remove();
  });
});

describe('db_sync', () => {
  it('goes through its phases in their order only', async function phases() {
    const { database, remove } = await unsynced(this, 'sqlite');
    const refused = async (phase: 'migrate' | 'contract'): Promise<string> =>
      (await rejection(dbSync(database, { phase }))).message;
    expect(await refused('migrate')).to.equal('run db_sync --expand first');
    expect(await refused('contract')).to.equal('run db_sync --expand first');
    await dbSync(database, { phase: 'expand' });
    expect(await refused('contract')).to.equal('run db_sync --migrate first');
    expect(await dbVersion(database)).to.deep.include({ version: 109, complete: false });
    await dbSync(database, { phase: 'migrate' });
    await dbSync(database, { phase: 'contract' });
    expect(await dbVersion(database)).to.deep.include({ complete: true });
    await remove();
  });

  it('may be started on several nodes at once', async function together() {
    this.timeout(120_000);
    for (const kind of KINDS) {
      const { database, url, remove } = await unsynced(this, kind);
      const second = await openDatabase({ url, options: IMPATIENT });
      await Promise.all([dbSync(database), dbSync(second)]);
      expect(await dbVersion(second), kind).to.deep.include({ complete: true });
      expect(await database.table('project').count()).to.equal(1);
      await second.close();
      await remove();
    }
  });

  it('takes over no database that it does not know', async function strangers() {
    const cases: readonly (readonly [RegExp, readonly string[]])[] = [
      [/holds tables \(blog\) but nothing says which release/, ['CREATE TABLE blog (id INTEGER)']],
      [
        /later release than Zed \(alembic revision 99de3849d860\)/,
        [
          'CREATE TABLE alembic_version (version_num VARCHAR(32))',
          "INSERT INTO alembic_version VALUES ('99de3849d860')",
        ],
      ],
      [
        /before Newton \(version 97\)/,
        [
          'CREATE TABLE migrate_version (repository_id VARCHAR(250), repository_path TEXT, version INTEGER)',
          "INSERT INTO migrate_version VALUES ('keystone', '', 97)",
        ],
      ],
      [
        /left unfinished \(keystone_contract is at 0 of 4\)/,
        [
          'CREATE TABLE migrate_version (repository_id VARCHAR(250), repository_path TEXT, version INTEGER)',
          "INSERT INTO migrate_version VALUES ('keystone', '', 109), ('keystone_expand', '', 4), ('keystone_data_migrate', '', 4)",
        ],
      ],
    ];
    for (const [message, statements] of cases) {
      const { database, remove } = await unsynced(this, 'sqlite');
      for (const text of statements) await database.execute(prepareSql({ text, once: true }));
      const before = [...(await inspect(readSession(database))).keys()];
      const error = await rejection(dbSync(database));
      expect(error).to.be.instanceOf(DatabaseError);
      expect(error.message).to.match(message);
      expect([...(await inspect(readSession(database))).keys()]).to.deep.equal(before);
      await remove();
    }
  });
});

interface Temporary {
  readonly url: string;
  readonly database: Opened;
  readonly remove: () => Promise<void>;
}

async function unsynced(context: Mocha.Context, kind: Kind): Promise<Temporary> {
  const { url, remove } = await emptyDatabase(context, kind);
  const database = await openDatabase({ url, options: IMPATIENT });
  return {
    url,
    database,
    remove: async () => {
      await database.close();
      await remove();
    },
  };
}

async function synced(context: Mocha.Context, kind: Kind): Promise<Temporary> {
  const temporary = await unsynced(context, kind);
  await dbSync(temporary.database);
  return temporary;
}
