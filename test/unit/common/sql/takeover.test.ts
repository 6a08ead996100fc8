import { expect } from 'chai';
import {
  type Database,
  dbSync,
  dbVersion,
  openDatabase,
  prepareSql,
  type TableName,
} from '../../../../src/common/sql/index.js';
import { inspect } from '../../../../src/common/sql/migrations/inspect.js';
import { readSession } from '../../../../src/common/sql/migrations/session.js';
import { rejection } from '../../../support/rejection.js';
import { fromFacts, fromSqlite, newton, statementsFor, zed } from './facts.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from './support.js';

type Opened = Awaited<ReturnType<typeof openDatabase>>;
type Row = Readonly<Record<string, string | number | boolean | null>>;

const ROOT = '<<keystone.domain.root>>';
const HASH = `$6$rounds=10000$salt$${'h'.repeat(86)}`;

/** A Newton database with something in every place that changes. */
const ROWS: Readonly<Partial<Record<TableName | 'migrate_version', readonly Row[]>>> = {
  migrate_version: [
    { repository_id: 'keystone', repository_path: '/keystone', version: 109 },
    { repository_id: 'keystone_expand', repository_path: '/expand', version: 4 },
    { repository_id: 'keystone_data_migrate', repository_path: '/data', version: 4 },
    { repository_id: 'keystone_contract', repository_path: '/contract', version: 4 },
  ],
  project: [
    { id: ROOT, name: ROOT, extra: '{}', description: '', enabled: false, domain_id: ROOT, is_domain: true },
    { id: 'default', name: 'Default', extra: '{}', enabled: true, domain_id: ROOT, is_domain: true },
    {
      id: 'p1',
      name: 'demo',
      extra: '{"k": "v"}',
      enabled: true,
      domain_id: 'default',
      parent_id: 'default',
      is_domain: false,
    },
  ],
  user: [
    { id: 'local', extra: '{"email": "a@b"}', enabled: true, created_at: '2017-01-02 03:04:05' },
    { id: 'remote', enabled: true },
    { id: 'federated', enabled: true },
    { id: 'orphan', enabled: false },
  ],
  local_user: [{ id: 7, user_id: 'local', domain_id: 'default', name: 'Ann' }],
  nonlocal_user: [{ user_id: 'remote', domain_id: 'default', name: 'Bob' }],
  password: [
    {
      id: 1,
      local_user_id: 7,
      password: HASH,
      self_service: true,
      created_at: '2017-01-02 03:04:05',
      expires_at: '2018-01-02 03:04:06',
    },
    {
      id: 2,
      local_user_id: 7,
      password: null,
      self_service: false,
      created_at: '2017-01-02 03:04:07',
      expires_at: null,
    },
  ],
  identity_provider: [{ id: 'idp', enabled: true, description: 'd' }],
  federation_protocol: [{ id: 'saml2', idp_id: 'idp', mapping_id: 'm' }],
  federated_user: [
    { id: 3, user_id: 'federated', idp_id: 'idp', protocol_id: 'saml2', unique_id: 'u', display_name: 'Fed' },
  ],
  role: [
    { id: 'admin', name: 'admin', extra: '{}', domain_id: '<<null>>' },
    {
      id: 'described',
      name: 'described',
      extra: '{"description": "does things", "colour": "red"}',
      domain_id: '<<null>>',
    },
  ],
  assignment: [
    { type: 'UserProject', actor_id: 'local', target_id: 'p1', role_id: 'admin', inherited: false },
  ],
  trust: [
    {
      id: 't1',
      trustor_user_id: 'local',
      trustee_user_id: 'remote',
      project_id: 'p1',
      impersonation: true,
      expires_at: '2030-01-02 03:04:05',
      extra: '{}',
    },
    {
      id: 't2',
      trustor_user_id: 'local',
      trustee_user_id: 'remote',
      project_id: 'p1',
      impersonation: true,
      expires_at: null,
      extra: '{}',
    },
  ],
  id_mapping: [{ public_id: 'pub', domain_id: 'default', local_id: 'x'.repeat(64), entity_type: 'user' }],
  group: [{ id: 'g', domain_id: 'default', name: 'g', extra: '{}' }],
  user_group_membership: [{ user_id: 'local', group_id: 'g' }],
  token: [{ id: 'tok', extra: '{}', valid: true, user_id: 'local' }],
  revocation_event: [
    { id: 9, user_id: 'local', issued_before: '2017-01-02 03:04:05', revoked_at: '2017-01-02 03:04:05' },
  ],
};

async function insert(database: Database, table: string, row: Row): Promise<void> {
  const names = Object.keys(row);
  const text = `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
  await database.execute(prepareSql({ text, once: true }), Object.values(row));
}

async function makeNewton(database: Database): Promise<void> {
  const bookkeeping =
    'CREATE TABLE migrate_version (repository_id VARCHAR(250) NOT NULL PRIMARY KEY, repository_path TEXT, version INTEGER)';
  for (const text of [bookkeeping, ...statementsFor(newton, database.dialect)]) {
    await database.execute(prepareSql({ text, once: true }));
  }
  for (const [table, rows] of Object.entries(ROWS)) {
    for (const row of rows) await insert(database, table, row);
  }
}

/** All rows of all tables that Newton has, with the columns that it has, as the database gives them. */
async function content(database: Database): Promise<Record<string, object[]>> {
  const all: Record<string, object[]> = {};
  for (const [table, { columns }] of Object.entries(newton)) {
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const order = columns.map((_, position) => position + 1).join(', ');
    const text = `SELECT ${names} FROM "${table}" ORDER BY ${order}`;
    all[table] = await database.query(prepareSql({ text, columns: {}, once: true }));
  }
  return all;
}

for (const kind of KINDS) {
  describe(`taking over a Newton database on ${kind}`, () => {
    let empty: EmptyDatabase;
    let database: Opened;
    let original: Record<string, object[]>;

    before(async function prepare() {
      empty = await emptyDatabase(this, kind);
      database = await openDatabase({ url: empty.url, options: IMPATIENT });
      await makeNewton(database);
      original = await content(database);
    });
    after(async () => {
      await database.close();
      await empty.remove();
    });

    it('recognises it', async () => {
      expect(await dbVersion(database)).to.deep.include({ origin: 'migrate', version: 109, complete: false });
    });

    it('expands so that Newton can go on writing', async () => {
      await dbSync(database, { phase: 'expand' });
      expect(await content(database)).to.deep.equal(original);
      await insert(database, 'user', { id: 'meanwhile', enabled: true });
      await insert(database, 'local_user', {
        id: 8,
        user_id: 'meanwhile',
        domain_id: 'default',
        name: 'Cid',
      });
      await insert(database, 'password', {
        id: 4,
        local_user_id: 8,
        password: HASH,
        self_service: false,
        created_at: '2017-02-02 03:04:05',
      });
      await insert(database, 'identity_provider', { id: 'idp2', enabled: false });
    });

    it('migrates the data', async () => {
      await dbSync(database, { phase: 'migrate' });
      const passwords = await database.table('password').find({ order: ['id'] });
      expect(passwords.map((row) => [row.id, row.password, row.password_hash])).to.deep.equal([
        [1, HASH, HASH],
        [2, null, null],
        [4, HASH, HASH],
      ]);
      expect(passwords.map((row) => [row.created_at_int, row.expires_at_int])).to.deep.equal([
        [Date.UTC(2017, 0, 2, 3, 4, 5) * 1000, Date.UTC(2018, 0, 2, 3, 4, 6) * 1000],
        [Date.UTC(2017, 0, 2, 3, 4, 7) * 1000, null],
        [Date.UTC(2017, 1, 2, 3, 4, 5) * 1000, null],
      ]);
      const trusts = await database.table('trust').find({ order: ['id'] });
      expect(trusts.map((row) => row.expires_at_int)).to.deep.equal([
        Date.UTC(2030, 0, 2, 3, 4, 5) * 1000,
        null,
      ]);
      expect(await database.table('role').get('described')).to.deep.include({
        description: 'does things',
        extra: '{"colour":"red"}',
      });
    });

    it('gives each identity provider a domain, and each user the domain it belongs to', async () => {
      const providers = await database.table('identity_provider').find({ order: ['id'] });
      const [first, second] = providers.map((row) => row.domain_id);
      expect(first)
        .to.match(/^[0-9a-f]{32}$/)
        .and.not.equal(second);
      expect(await database.table('project').get(first ?? '')).to.include({
        is_domain: true,
        domain_id: ROOT,
        enabled: true,
      });
      const users = await database.table('user').find({ order: ['id'] });
      expect(Object.fromEntries(users.map((row) => [row.id, row.domain_id]))).to.deep.equal({
        federated: first,
        local: 'default',
        meanwhile: 'default',
        orphan: ROOT,
        remote: 'default',
      });
    });

    it('contracts, with what Newton wrote in the last moment', async () => {
      await insert(database, 'user', { id: 'late', enabled: true });
      await insert(database, 'local_user', { id: 10, user_id: 'late', domain_id: 'default', name: 'Dan' });
      await insert(database, 'password', {
        id: 11,
        local_user_id: 10,
        password: HASH,
        self_service: false,
        created_at: '2017-03-02 03:04:05',
      });
      await dbSync(database, { phase: 'contract' });
      expect((await database.table('user').get('late'))?.domain_id).to.equal('default');
      expect((await database.table('password').get(11))?.password_hash).to.equal(HASH);
      expect(await dbVersion(database)).to.deep.include({ origin: 'ours', complete: true });
    });

    it('keeps every row, but for what belongs elsewhere now', async () => {
      const after = await content(database);
      for (const [table, rows] of Object.entries(original)) {
        const kept = after[table]?.map((row) => JSON.stringify(row));
        for (const row of rows) {
          // The description of this role has a column of its own now; seen above.
          if ('id' in row && row.id === 'described') continue;
          expect(kept, table).to.include(JSON.stringify(row));
        }
      }
    });

    it('ends with the constraints of Zed', async () => {
      const found = await inspect(readSession(database));
      for (const [name, expected] of Object.entries(zed)) {
        const table = found.get(name);
        for (const column of expected.columns) {
          expect(table?.columns.get(column.name)?.nullable, `${name}.${column.name}`).to.equal(
            column.nullable,
          );
        }
        const foreign = expected.foreign_keys.filter(() => kind === 'sqlite' || name !== 'assignment');
        expect(table?.foreignKeys.map(({ columns }) => columns.join()).sort(), name).to.deep.equal(
          foreign.map(({ columns }) => columns.join()).sort(),
        );
      }
      expect(found.get('id_mapping')?.columns.get('local_id')?.length).to.equal(255);
      expect(found.get('federated_user')?.foreignKeys.map(({ onDelete }) => onDelete)).to.deep.equal([
        'CASCADE',
        'CASCADE',
        'CASCADE',
      ]);
      const unique = found.get('trust')?.unique.map(({ columns }) => columns.join());
      expect(unique).to.deep.equal([
        'trustor_user_id,trustee_user_id,project_id,impersonation,expires_at,expires_at_int',
      ]);
      const heads = await database.query(
        prepareSql({ text: 'SELECT version_num FROM alembic_version', columns: { version_num: 'text' } }),
      );
      expect(heads.map((row) => row.version_num).sort()).to.deep.equal(['29e87d24a316', 'e25ffa003242']);
    });

    it('still counts up keys, and refuses what contradicts the constraints', async () => {
      const key = await database
        .table('local_user')
        .insert({ user_id: 'orphan', domain_id: ROOT, name: 'Eve' });
      expect(key).to.be.above(0);
      const wrong = database
        .table('local_user')
        .insert({ user_id: 'federated', domain_id: 'default', name: 'x' });
      expect((await rejection(wrong)).name).to.equal('ForeignKeyError');
    });
  });
}

describe('taking over a Newton database on SQLite', () => {
  it('ends with exactly the tables of Zed, but for what we add', async function compare() {
    const empty = await emptyDatabase(this, 'sqlite');
    const database = await openDatabase({ url: empty.url, options: IMPATIENT });
    await makeNewton(database);
    await dbSync(database);
    const found = await inspect(readSession(database));
    for (const name of ['local_user', 'nonlocal_user', 'federated_user', 'trust', 'id_mapping']) {
      const table = found.get(name);
      if (table === undefined) throw new Error(`no table ${name}`);
      const own = table.indexes.filter((index) =>
        zed[name]?.indexes.some((expected) => expected.name === index.name),
      );
      expect(fromSqlite({ ...table, indexes: own }), name).to.deep.equal(fromFacts(zed[name] as never));
    }
    await database.close();
    await empty.remove();
  });
});
