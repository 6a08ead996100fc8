/**
 * Ours and Debian's Keystone 22 on the same keystone.conf behind one Apache: one database, the same keys, and no step
 * in between.
 */
import { expect } from 'chai';
import { loadConf } from '../../src/conf/index.js';
import { type RunningServer, startServer } from '../../src/server/server.js';
import { type Reference, referenceMissing, startReference } from '../support/reference/keystone.js';
import { apacheMissing, loadModules, type RunningApache, startApache } from '../support/services/apache.js';
import { freePort } from '../support/services/processes.js';
import { type EmptyDatabase, emptyDatabase, type Kind } from '../unit/common/sql/support.js';

type Json = Readonly<Record<string, unknown>>;

interface Said {
  readonly status: number;
  readonly token: string;
  readonly body: Json;
}

async function ask(
  url: string,
  method: string,
  path: string,
  token: string,
  body?: object,
  subject?: string,
): Promise<Said> {
  const response = await fetch(`${url}/v3${path}`, {
    method,
    headers: {
      ...(token !== '' && { 'X-Auth-Token': token }),
      ...(subject !== undefined && { 'X-Subject-Token': subject }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    token: response.headers.get('x-subject-token') ?? '',
    body: isJson ? (JSON.parse(text) as Json) : {},
  };
}

const signIn = (url: string, name: string, password: string, project?: string): Promise<Said> =>
  ask(url, 'POST', '/auth/tokens', '', {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name, domain: { id: 'default' }, password } },
      },
      ...(project !== undefined && { scope: { project: { name: project, domain: { id: 'default' } } } }),
    },
  });

const entity = (said: Said, key: string): Json => said.body[key] as Json;

for (const kind of ['mariadb', 'postgres'] as const satisfies readonly Kind[]) {
  describe(`beside Keystone 22 on one ${kind} database`, function sideBySide() {
    this.timeout(600_000);
    let database: EmptyDatabase;
    let theirs: Reference;
    let server: RunningServer;
    let apache: RunningApache;
    /** Addresses at Apache, of the one, of the other, and of either in turn. */
    let ours: string;
    let real: string;
    let either: string;
    const admin = new Map<string, string>();

    before(async function prepare() {
      const missing = referenceMissing() ?? apacheMissing();
      if (missing !== null) {
        if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
        this.skip();
      }
      database = await emptyDatabase(this, kind);
      this.timeout(600_000);
      theirs = await startReference({
        conf: {
          // Keystone 22 has no other kind of token than this and jws, and makes it the default.
          token: ['provider = fernet'],
          database: [`connection = ${database.url}`],
        },
      });
      const loaded = loadConf({ configFiles: [theirs.conf], env: {}, overrides: {} });
      server = await startServer(loaded, [
        { name: 'main', address: { kind: 'tcp', host: '127.0.0.1', port: 0 } },
      ]);
      const address = server.serving[0]?.address;
      const backEnds = [
        `http://127.0.0.1:${address?.kind === 'tcp' ? address.port : 0}`,
        theirs.url,
      ] as const;
      const port = await freePort();
      apache = await startApache({
        sites: [],
        defines: {},
        port,
        lines: [
          ...loadModules(['proxy_balancer', 'lbmethod_byrequests', 'slotmem_shm']).slice(-3),
          `Listen 127.0.0.1:${port}`,
          // uwsgi closes a connection after each answer without a word: what was sent into it before would be lost.
          'KeepAlive Off',
          '<Proxy balancer://keystone>',
          ...backEnds.map((backEnd) => `BalancerMember ${backEnd} disablereuse=On retry=0`),
          '</Proxy>',
          `ProxyPass /ours ${backEnds[0]} disablereuse=On retry=0`,
          `ProxyPass /theirs ${backEnds[1]} disablereuse=On retry=0`,
          'ProxyPass /either balancer://keystone',
        ],
      });
      [ours, real, either] = ['ours', 'theirs', 'either'].map(
        (name) => `http://127.0.0.1:${port}/${name}`,
      ) as [string, string, string];
      for (const url of [ours, real]) {
        const said = await signIn(url, theirs.admin.name, theirs.admin.password, theirs.admin.project);
        expect(said.status, JSON.stringify(said.body)).to.equal(201);
        admin.set(url, said.token);
      }
    });
    after(async () => {
      await apache?.stop();
      await server?.stop();
      await theirs?.stop();
      await database?.remove();
    });

    /** Each of the two as the one that acts, the other as the one that has to know of it. */
    function bothWays(
      what: string,
      work: (acting: string, other: string, name: string) => Promise<void>,
    ): void {
      it(`${what}: made by theirs, seen by ours`, () => work(real, ours, `${what} theirs`));
      it(`${what}: made by ours, seen by theirs`, () => work(ours, real, `${what} ours`));
    }
    const adminOf = (url: string): string => admin.get(url) ?? admin.get(ours) ?? '';

    async function createUser(url: string, name: string, password: string): Promise<string> {
      const said = await ask(url, 'POST', '/users', adminOf(url), {
        user: { name, password, domain_id: 'default' },
      });
      expect(said.status, JSON.stringify(said.body)).to.equal(201);
      return String(entity(said, 'user')['id']);
    }

    it('serves clients who do not know which of the two answers', async () => {
      await createUser(either, 'anybody', 'first-Secret1');
      for (let round = 0; round < 4; round += 1) {
        const { token } = await signIn(either, 'anybody', 'first-Secret1');
        const check = (): Promise<Said> =>
          ask(either, 'GET', '/auth/tokens', adminOf(ours), undefined, token);
        // More often than there are nodes: each of them is asked.
        expect([(await check()).status, (await check()).status, (await check()).status]).to.deep.equal([
          200, 200, 200,
        ]);
        expect(
          (await ask(either, 'DELETE', '/auth/tokens', adminOf(real), undefined, token)).status,
        ).to.equal(204);
        expect([(await check()).status, (await check()).status]).to.deep.equal([404, 404]);
      }
    });

    bothWays('a token', async (acting, other) => {
      const token = adminOf(acting);
      const checked = await ask(other, 'GET', '/auth/tokens', token, undefined, token);
      expect(checked.status).to.equal(200);
      expect(entity(checked, 'token')['user']).to.deep.include({ name: theirs.admin.name });
      expect((await ask(other, 'GET', '/users', token)).status).to.equal(200);
    });

    bothWays('a user', async (acting, other, name) => {
      const id = await createUser(acting, name, 'first-Secret1');
      const said = await signIn(other, name, 'first-Secret1');
      expect(said.status).to.equal(201);
      expect((entity(said, 'token')['user'] as Json)['id']).to.equal(id);
      expect((await signIn(other, name, 'other-Secret1')).status).to.equal(401);
    });

    bothWays('a changed password', async (acting, other, name) => {
      const id = await createUser(acting, name, 'first-Secret1');
      expect((await signIn(other, name, 'first-Secret1')).status).to.equal(201);
      const changed = await ask(acting, 'PATCH', `/users/${id}`, adminOf(acting), {
        user: { password: 'second-Secret2' },
      });
      expect(changed.status).to.equal(200);
      expect((await signIn(other, name, 'first-Secret1')).status).to.equal(401);
      expect((await signIn(other, name, 'second-Secret2')).status).to.equal(201);
    });

    bothWays('a revocation', async (acting, other, name) => {
      await createUser(acting, name, 'first-Secret1');
      const { token } = await signIn(acting, name, 'first-Secret1');
      const check = (url: string): Promise<Said> =>
        ask(url, 'GET', '/auth/tokens', adminOf(url), undefined, token);
      // Both have seen the token, and may remember it.
      expect([(await check(acting)).status, (await check(other)).status]).to.deep.equal([200, 200]);
      const revoked = await ask(acting, 'DELETE', '/auth/tokens', adminOf(acting), undefined, token);
      expect(revoked.status).to.equal(204);
      expect([(await check(other)).status, (await check(acting)).status]).to.deep.equal([404, 404]);
    });

    bothWays('a role that is taken away', async (acting, other, name) => {
      const user = await createUser(acting, name, 'first-Secret1');
      const role = entity(await ask(acting, 'POST', '/roles', adminOf(acting), { role: { name } }), 'role')[
        'id'
      ] as string;
      const project = entity(
        await ask(acting, 'POST', '/projects', adminOf(acting), { project: { name, domain_id: 'default' } }),
        'project',
      )['id'] as string;
      const grant = `/projects/${project}/users/${user}/roles/${role}`;
      expect((await ask(acting, 'PUT', grant, adminOf(acting))).status).to.equal(204);
      const scoped = await signIn(other, name, 'first-Secret1', name);
      expect(scoped.status).to.equal(201);
      const check = (): Promise<Said> =>
        ask(other, 'GET', '/auth/tokens', adminOf(other), undefined, scoped.token);
      expect((await check()).status).to.equal(200);
      expect((await ask(acting, 'DELETE', grant, adminOf(acting))).status).to.equal(204);
      expect((await check()).status).to.equal(404);
    });

    bothWays('a disabled user', async (acting, other, name) => {
      const id = await createUser(acting, name, 'first-Secret1');
      const { token } = await signIn(other, name, 'first-Secret1');
      const check = (): Promise<Said> => ask(other, 'GET', '/auth/tokens', adminOf(other), undefined, token);
      expect((await check()).status).to.equal(200);
      const disabled = await ask(acting, 'PATCH', `/users/${id}`, adminOf(acting), {
        user: { enabled: false },
      });
      expect(disabled.status).to.equal(200);
      expect((await check()).status).to.equal(404);
      expect((await signIn(other, name, 'first-Secret1')).status).to.equal(401);
    });

    bothWays('an encrypted credential', async (acting, other, name) => {
      const made = await ask(acting, 'POST', '/credentials', adminOf(acting), {
        credential: {
          type: 'cert',
          blob: `secret of ${name}`,
          user_id: await createUser(acting, name, 'first-Secret1'),
        },
      });
      expect(made.status, JSON.stringify(made.body)).to.equal(201);
      const read = await ask(
        other,
        'GET',
        `/credentials/${String(entity(made, 'credential')['id'])}`,
        adminOf(other),
      );
      expect(entity(read, 'credential')['blob']).to.equal(`secret of ${name}`);
    });
  });
}
