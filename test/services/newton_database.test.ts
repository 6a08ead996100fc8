/** A cloud of Newton whose database is taken over phase by phase, while Newton still writes, and served. */
import { expect } from 'chai';
import { type Database, openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { type Answer, type Cloud, serve } from '../api/cloud.js';
import { createDeployment, type Deployment, runManage } from '../support/deployment.js';
import { newton, statementsFor } from '../unit/common/sql/facts.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

type Row = Readonly<Record<string, string | number | boolean | null>>;
type Json = Record<string, unknown>;

const ROOT = '<<keystone.domain.root>>';
/** What passlib, which Newton uses, makes of `secret`. */
const HASH =
  '$6$rounds=10000$vectorsSalt00000$FvmH18io1fS3/ZeHzTXbSPchuXzERn3EuOWNTtTVl.EvFsEA14GMTukS3vRP8lJHaCT0ABwEn/jWDXPSngCTx1';
const NOBODY = '<<null>>';
const TRUSTS = ['a', 'b'].map((digit) => digit.repeat(32));
const THEN = '2016-11-05 06:07:08';

const project = (id: string, more: Row): Row => ({
  id,
  name: id,
  extra: '{}',
  description: '',
  enabled: true,
  domain_id: 'default',
  parent_id: 'default',
  is_domain: false,
  ...more,
});
/** Rows that Newton makes for a user with a password, in their order. The numbers are none that the database counts up to. */
const person = (number: number, name: string): (readonly [string, Row])[] => [
  ['user', { id: `id-${name}`, extra: `{"email": "${name}@example.org"}`, enabled: true, created_at: THEN }],
  ['local_user', { id: number, user_id: `id-${name}`, domain_id: 'default', name }],
  ['password', { id: number, local_user_id: number, password: HASH, self_service: false, created_at: THEN }],
];
const grant = (type: string, actor: string, role: string): readonly [string, Row] => [
  'assignment',
  { type, actor_id: actor, target_id: 'demo', role_id: role, inherited: false },
];

/** The least that Newton's bootstrap and an operator leave. */
const CLOUD: readonly (readonly [string, Row])[] = [
  ...['keystone', 'keystone_expand', 'keystone_data_migrate', 'keystone_contract'].map(
    (id) =>
      [
        'migrate_version',
        { repository_id: id, repository_path: id, version: id === 'keystone' ? 109 : 4 },
      ] as const,
  ),
  ['project', project(ROOT, { enabled: false, domain_id: ROOT, parent_id: null, is_domain: true })],
  ['project', project('default', { name: 'Default', domain_id: ROOT, parent_id: null, is_domain: true })],
  ['project', project('demo', { extra: '{"colour": "red"}' })],
  ['role', { id: 'r-admin', name: 'admin', extra: '{}', domain_id: NOBODY }],
  ['role', { id: 'r-member', name: 'Member', extra: '{"description": "works"}', domain_id: NOBODY }],
  ...person(101, 'admin'),
  ...person(102, 'ann'),
  ...person(103, 'bob'),
  ['group', { id: 'g', domain_id: 'default', name: 'staff', description: '', extra: '{}' }],
  ['user_group_membership', { user_id: 'id-bob', group_id: 'g' }],
  grant('UserProject', 'id-admin', 'r-admin'),
  grant('UserProject', 'id-ann', 'r-member'),
  grant('GroupProject', 'g', 'r-member'),
  ['region', { id: 'RegionOne', description: '', extra: '{}' }],
  ['service', { id: 's', type: 'identity', enabled: true, extra: '{"name": "keystone"}' }],
  [
    'endpoint',
    {
      id: 'e',
      interface: 'public',
      service_id: 's',
      url: 'http://old.example.org:5000/v3',
      extra: '{}',
      enabled: true,
      region_id: 'RegionOne',
    },
  ],
  // Two without an end are allowed: Newton's constraint does not see them as the same.
  ...TRUSTS.flatMap((id): (readonly [string, Row])[] => [
    [
      'trust',
      {
        id,
        trustor_user_id: 'id-ann',
        trustee_user_id: 'id-bob',
        project_id: 'demo',
        impersonation: true,
        expires_at: null,
        extra: '{}',
      },
    ],
    ['trust_role', { trust_id: id, role_id: 'r-member' }],
  ]),
];

async function insert(database: Database, rows: readonly (readonly [string, Row])[]): Promise<void> {
  for (const [table, row] of rows) {
    const names = Object.keys(row);
    const columns = names.map((name) => `"${name}"`).join(', ');
    const text = `INSERT INTO "${table}" (${columns}) VALUES (${names.map(() => '?').join(', ')})`;
    await database.execute(prepareSql({ text, once: true }), Object.values(row));
  }
}

for (const kind of KINDS) {
  describe(`a cloud of Newton on ${kind}`, function cloudOfNewton() {
    this.timeout(120_000);
    let empty: EmptyDatabase;
    let database: Awaited<ReturnType<typeof openDatabase>>;
    let deployment: Deployment;
    let cloud: Cloud | undefined;

    before(async function prepare() {
      empty = await emptyDatabase(this, kind);
      this.timeout(120_000);
      database = await openDatabase({ url: empty.url, options: IMPATIENT });
      const bookkeeping =
        'CREATE TABLE migrate_version (repository_id VARCHAR(250) NOT NULL PRIMARY KEY, repository_path TEXT, version INTEGER)';
      for (const text of [bookkeeping, ...statementsFor(newton, database.dialect)]) {
        await database.execute(prepareSql({ text, once: true }));
      }
      await insert(database, CLOUD);
      deployment = await createDeployment({
        until: 'files',
        conf: { database: [`connection = ${empty.url}`], DEFAULT: ['crypt_strength = 1000'] },
      });
      const owner = [
        '--keystone-user',
        String(process.getuid?.()),
        '--keystone-group',
        String(process.getgid?.()),
      ];
      await manage('fernet_setup', ...owner);
      await manage('credential_setup', ...owner);
    });
    after(async () => {
      if (cloud === undefined) await deployment?.remove();
      else await cloud.stop();
      await database?.close();
      await empty?.remove();
    });

    const manage = async (...command: string[]): Promise<string> =>
      (await runManage([...deployment.args, ...command], deployment.env)).out;

    async function ask(method: string, path: string, token: string | null, body?: object): Promise<Answer> {
      if (cloud === undefined) throw new Error('nothing is served yet');
      return cloud.request(method, `/v3${path}`, token, body);
    }
    const signIn = (name: string, scope: object, password = 'secret'): Promise<Answer> =>
      ask('POST', '/auth/tokens', null, {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name, domain: { name: 'Default' }, password } },
          },
          scope,
        },
      });
    const demo = { project: { name: 'demo', domain: { id: 'default' } } };
    async function tokenOf(name: string, scope: object = demo): Promise<string> {
      const answer = await signIn(name, scope);
      expect(answer.status, answer.text).to.equal(201);
      return answer.headers.get('X-Subject-Token') ?? '';
    }
    const roles = (answer: Answer): string[] =>
      ((answer.body['token'] as Json)['roles'] as { name: string }[]).map(({ name }) => name);

    it('is recognised before anything is changed', async () => {
      const seen = await manage('preflight');
      expect(seen).to.contain('a database of Keystone from Newton to Xena');
      expect(seen)
        .to.contain('next phase: --expand')
        .and.to.match(/rows: user 3, group 1, .*trust 2/);
      expect(seen).to.match(/^0 problems/m);
    });

    it('is served after the first two phases: its users sign in, with roles of their own and of groups', async () => {
      await manage('db_sync', '--expand');
      await manage('db_sync', '--migrate');
      cloud = await serve(deployment);
      expect(roles(await signIn('admin', demo))).to.deep.equal(['admin']);
      expect(roles(await signIn('bob', demo))).to.deep.equal(['Member']);
      expect((await signIn('bob', demo, 'Secret')).status).to.equal(401);
      const admin = await tokenOf('admin');
      const users = (await ask('GET', '/users', admin)).body['users'] as Json[];
      expect(users.map(({ name, email }) => [name, email])).to.have.deep.members([
        ['admin', 'admin@example.org'],
        ['ann', 'ann@example.org'],
        ['bob', 'bob@example.org'],
      ]);
      expect((await ask('GET', '/projects/demo', admin)).body['project']).to.include({ colour: 'red' });
      expect((await ask('GET', '/roles/r-member', admin)).body['role']).to.include({ name: 'Member' });
      expect((await ask('GET', '/auth/catalog', admin)).text).to.contain('http://old.example.org:5000/v3');
    });

    it('lets trusts be used', async () => {
      const bob = await tokenOf('bob', { unscoped: {} });
      const listed = await ask('GET', '/OS-TRUST/trusts?trustee_user_id=id-bob', bob);
      expect((listed.body['trusts'] as Json[]).map(({ id }) => id)).to.have.members([...TRUSTS]);
      const answer = await ask('POST', '/auth/tokens', null, {
        auth: {
          identity: { methods: ['token'], token: { id: bob } },
          scope: { 'OS-TRUST:trust': { id: TRUSTS[0] } },
        },
      });
      expect(answer.status, answer.text).to.equal(201);
      expect((answer.body['token'] as Json)['user']).to.include({ id: 'id-ann' });
    });

    it('sees at once what Newton, which still runs, writes into it', async () => {
      await insert(database, [...person(104, 'late'), grant('UserProject', 'id-late', 'r-member')]);
      expect(roles(await signIn('late', demo))).to.deep.equal(['Member']);
      const admin = await tokenOf('admin');
      const shown = await ask('GET', '/users/id-late', admin);
      expect(shown.body['user'], shown.text).to.include({ name: 'late', domain_id: 'default' });
      const listed = await ask('GET', '/users?domain_id=default&name=late', admin);
      expect(listed.body['users']).to.have.length(1);
    });

    it('writes passwords so that Newton can read them', async () => {
      const admin = await tokenOf('admin');
      const made = await ask('POST', '/users', admin, {
        user: { name: 'ours', password: 'another Secret', domain_id: 'default' },
      });
      expect(made.status, made.text).to.equal(201);
      const query = prepareSql({
        text: `SELECT p.password AS password FROM password p JOIN local_user l ON l.id = p.local_user_id
          WHERE l.name = 'ours'`,
        columns: { password: 'text?' },
        once: true,
      });
      expect((await database.query(query))[0]?.password).to.match(/^\$6\$/);
    });

    it('goes on without a break when the last phase ends Newton', async () => {
      const before = await tokenOf('ann');
      await manage('db_sync', '--contract');
      const admin = await tokenOf('admin');
      expect((await ask('GET', '/users?domain_id=default', admin)).body['users']).to.have.length(5);
      const checked = await cloud?.request('GET', '/v3/auth/tokens', admin, undefined, {
        'X-Subject-Token': before,
      });
      expect(checked?.status).to.equal(200);
      expect(roles(await signIn('late', demo))).to.deep.equal(['Member']);
      const changed = await ask('PATCH', '/users/id-late', admin, { user: { password: 'a newer Secret' } });
      expect(changed.status, changed.text).to.equal(200);
      expect((await signIn('late', demo)).status).to.equal(401);
      expect((await signIn('late', demo, 'a newer Secret')).status).to.equal(201);
    });

    it('takes no second trust that is the same, with an end or not', async () => {
      const trust = (id: string, expires: string | null): Row => ({
        id,
        trustor_user_id: 'id-ann',
        trustee_user_id: 'id-late',
        project_id: 'demo',
        impersonation: true,
        expires_at: expires,
        expires_at_int: expires === null ? null : Date.parse(`${expires}Z`) * 1000,
        extra: '{}',
      });
      await insert(database, [['trust', trust('a', '2040-01-02 03:04:05')]]);
      const twice = insert(database, [['trust', trust('b', '2040-01-02 03:04:05')]]);
      expect(
        await twice.then(
          () => 'taken',
          ({ name }: Error) => name,
        ),
      ).to.equal('DuplicateError');
      await insert(database, [['trust', trust('c', '2040-01-02 03:04:06')]]);
    });
  });
}
