import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';

type Json = Record<string, unknown>;

describe('users and groups over HTTP', () => {
  let cloud: Cloud;
  let admin: string;
  let count = 0;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({
      security_compliance: ['lockout_failure_attempts = 3'],
      identity: ['list_limit = 50'],
    });
    admin = await cloud.adminToken();
  });
  after(() => cloud.stop());

  const unique = (prefix: string): string => `${prefix}-${(count += 1)}`;
  const as = (token: string | null, method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, path, token, body);
  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    as(admin, method, path, body);

  async function create(
    kind: 'user' | 'group',
    attributes: Json = {},
  ): Promise<Json & { id: string; name: string }> {
    const { status, body } = await call('POST', `/v3/${kind}s`, {
      [kind]: { name: unique(kind), ...attributes },
    });
    expect(status, JSON.stringify(body)).to.equal(201);
    return body[kind] as Json & { id: string; name: string };
  }

  const messageOf = (answer: Answer): string => (answer.body['error'] as { message: string }).message;
  const idsOf = (answer: Answer, kind: string): string[] =>
    (answer.body[kind] as { id: string }[]).map(({ id }) => id);

  describe('a user', () => {
    it('is created with what the API promises and no more', async () => {
      const name = unique('user');
      const sent = { name, password: 'secret', email: 'e@example.com', default_project_id: null };
      const { status, body } = await call('POST', '/v3/users', { user: sent });
      expect(status).to.equal(201);
      const { id } = body['user'] as { id: string };
      expect(body).to.deep.equal({
        user: {
          id,
          name,
          domain_id: 'default',
          enabled: true,
          email: 'e@example.com',
          password_expires_at: null,
          links: { self: `${cloud.url}/v3/users/${id}` },
        },
      });
      const got = await call('GET', `/v3/users/${id}`);
      expect(got.status).to.equal(200);
      expect(got.body).to.deep.equal(body);
      expect((await call('HEAD', `/v3/users/${id}`)).status).to.equal(200);
    });

    it('is changed, with extra attributes told twice', async () => {
      const { id, name } = await create('user', { email: 'e@example.com', password: 'secret' });
      const { status, body } = await call('PATCH', `/v3/users/${id}`, {
        user: { description: 'd', email: null },
      });
      expect(status).to.equal(200);
      const extra = { description: 'd', email: null };
      expect(body['user']).to.deep.equal({
        id,
        name,
        domain_id: 'default',
        enabled: true,
        ...extra,
        extra,
        password_expires_at: null,
        links: { self: `${cloud.url}/v3/users/${id}` },
      });
      expect((await call('GET', `/v3/users/${id}`)).body['user']).not.to.have.property('extra');
    });

    it('is deleted with what hangs on it', async () => {
      const { id } = await create('user');
      const group = await create('group');
      await call('PUT', `/v3/groups/${group.id}/users/${id}`);
      expect((await call('DELETE', `/v3/users/${id}`)).status).to.equal(204);
      expect((await call('GET', `/v3/users/${id}`)).status).to.equal(404);
      expect((await call('DELETE', `/v3/users/${id}`)).status).to.equal(404);
      expect(idsOf(await call('GET', `/v3/groups/${group.id}/users`), 'users')).to.deep.equal([]);
    });

    const refused: [what: string, status: number, user: object, text: RegExp][] = [
      ['without a name', 400, { password: 'x' }, /'name' is a required property/],
      ['with a blank name', 400, { name: '  ' }, /does not match/],
      ['with a name that is too long', 400, { name: 'n'.repeat(256) }, /greater than 255/],
      ['with a name that is no text', 400, { name: 7 }, /not of type 'string'/],
      ['that is enabled by a text', 400, { name: 'n', enabled: 'true' }, /not of type 'boolean'/],
      ['with a password that is no text', 400, { name: 'n', password: 12_345 }, /field 'password'/],
      ['in an unknown domain', 404, { name: 'n', domain_id: 'nowhere' }, /Could not find domain: nowhere/],
      [
        'with a domain as default project',
        400,
        { name: 'n', default_project_id: 'default' },
        /cannot be a domain/,
      ],
      ['with a taken name', 409, { name: 'admin' }, /^Conflict occurred attempting to store user/],
    ];
    for (const [what, status, user, text] of refused) {
      it(`is not created ${what}`, async () => {
        const answer = await call('POST', '/v3/users', { user });
        expect(answer.status).to.equal(status);
        expect(messageOf(answer)).to.match(text).and.not.contain('12345');
      });
    }

    it('keeps its id and its domain', async () => {
      const { id } = await create('user');
      for (const user of [{ id: 'other' }, { domain_id: 'other' }, {}]) {
        expect((await call('PATCH', `/v3/users/${id}`, { user })).status, JSON.stringify(user)).to.equal(400);
      }
      expect((await call('PATCH', '/v3/users/nobody', { user: { name: 'n' } })).status).to.equal(404);
    });

    it('never shows a password, wherever one was sent', async () => {
      const { id } = await create('user', { password: 'first-secret' });
      const answers = [
        await call('PATCH', `/v3/users/${id}`, { user: { password: 'second-secret' } }),
        await call('PATCH', `/v3/users/${id}`, { user: { password: { text: 'third-secret' } } }),
        await call('GET', `/v3/users/${id}`),
        await call('GET', `/v3/users?name=admin`),
        await call('POST', `/v3/users/${id}/password`, {
          user: { original_password: 'x-secret', password: 1 },
        }),
      ];
      for (const { body } of answers)
        expect(JSON.stringify(body)).not.to.match(/-secret|password_hash|\$6\$/);
    });
  });

  describe('lists', () => {
    it('have links of their own and of their members', async () => {
      const { id, name } = await create('user');
      const { status, body } = await call('GET', `/v3/users?name=${name}&marker=x&limit=1`);
      expect(status).to.equal(200);
      expect(body['links']).to.deep.equal({
        self: `${cloud.url}/v3/users?name=${name}&marker=x&limit=1`,
        next: null,
        previous: null,
      });
      expect((body['users'] as Json[])[0]).to.deep.include({
        id,
        links: { self: `${cloud.url}/v3/users/${id}` },
      });
      expect(body).not.to.have.property('truncated');
    });

    it('are filtered by name, state and domain', async () => {
      const prefix = unique('Filter');
      const one = await create('user', { name: `${prefix}-one` });
      const two = await create('user', { name: `${prefix}-two`, enabled: false });
      const find = async (query: string): Promise<string[]> =>
        idsOf(await call('GET', `/v3/users?${query}`), 'users');
      expect(await find(`name=${prefix}-one`)).to.deep.equal([one.id]);
      expect(await find(`name__startswith=${prefix}`)).to.have.members([one.id, two.id]);
      expect(await find(`name__startswith=${prefix.toLowerCase()}`)).to.deep.equal([]);
      expect(await find(`name__istartswith=${prefix.toLowerCase()}&enabled=0`)).to.deep.equal([two.id]);
      expect(await find(`name__endswith=-one&name__contains=${prefix}&enabled=yes`)).to.deep.equal([one.id]);
      expect(await find(`name=${prefix}-one&domain_id=elsewhere`)).to.deep.equal([]);
      expect(await find(`name=${prefix}-one&email=ignored`)).to.deep.equal([one.id]);
    });

    it('say when they are cut', async () => {
      const prefix = unique('cut');
      await Promise.all(
        Array.from({ length: 51 }, (_, index) => create('group', { name: `${prefix}-${index}` })),
      );
      const { body } = await call('GET', `/v3/groups?name__startswith=${prefix}`);
      expect(body['groups']).to.have.length(50);
      expect(body['truncated']).to.equal(true);
    });
  });

  describe('a group', () => {
    it('is created, read, changed and deleted', async () => {
      const group = await create('group', { owner: 'me' });
      const { id, name } = group;
      const links = { self: `${cloud.url}/v3/groups/${id}` };
      expect(group).to.deep.equal({ id, name, domain_id: 'default', description: '', owner: 'me', links });
      expect((await call('GET', `/v3/groups/${id}`)).body).to.deep.equal({ group });
      const patched = await call('PATCH', `/v3/groups/${id}`, { group: { description: 'd' } });
      expect(patched.body).to.deep.equal({ group: { ...group, description: 'd' } });
      expect((await call('DELETE', `/v3/groups/${id}`)).status).to.equal(204);
      expect((await call('GET', `/v3/groups/${id}`)).status).to.equal(404);
    });

    it('refuses names that are blank, too long or taken', async () => {
      const { name } = await create('group');
      const statusOf = async (wrong: string): Promise<number> =>
        (await call('POST', '/v3/groups', { group: { name: wrong } })).status;
      expect([await statusOf(' '), await statusOf('g'.repeat(65)), await statusOf(name)]).to.deep.equal([
        400, 400, 409,
      ]);
    });

    it('has members, who come and go', async () => {
      const [user, group] = [await create('user'), await create('group')];
      const membership = `/v3/groups/${group.id}/users/${user.id}`;
      const statuses = async (...methods: string[]): Promise<number[]> => {
        const found: number[] = [];
        for (const method of methods) found.push((await call(method, membership)).status);
        return found;
      };
      expect(await statuses('GET', 'HEAD', 'DELETE')).to.deep.equal([404, 404, 404]);
      expect(await statuses('PUT', 'PUT', 'GET', 'HEAD')).to.deep.equal([204, 204, 204, 204]);
      expect(
        idsOf(await call('GET', `/v3/groups/${group.id}/users?name=${user.name}`), 'users'),
      ).to.deep.equal([user.id]);
      const groups = await call('GET', `/v3/users/${user.id}/groups`);
      expect(groups.body['groups']).to.deep.equal([group]);
      expect(await statuses('DELETE', 'DELETE')).to.deep.equal([204, 404]);
      expect((await call('PUT', `/v3/groups/${group.id}/users/nobody`)).status).to.equal(404);
      expect((await call('PUT', `/v3/groups/none/users/${user.id}`)).status).to.equal(404);
      expect((await call('GET', '/v3/groups/none/users')).status).to.equal(404);
      expect((await call('GET', '/v3/users/nobody/groups')).status).to.equal(404);
    });
  });

  describe('the own password', () => {
    it('is changed by who knows it, and all tokens end', async () => {
      const { id } = await create('user', { password: 'first' });
      const token = await cloud.token(id, 'first');
      const change = (body: object): Promise<Answer> => as(token, 'POST', `/v3/users/${id}/password`, body);
      for (const [missing, user] of [
        ['original_password', { password: 'second' }],
        ['password', { original_password: 'first' }],
        ['password', { original_password: 'first', password: null }],
      ] as const) {
        const answer = await change({ user });
        expect(answer.status).to.equal(400);
        expect(messageOf(answer)).to.contain(`Expecting to find ${missing} in user`);
      }
      expect((await change({ user: { original_password: 'wrong', password: 'second' } })).status).to.equal(
        401,
      );
      expect((await as(token, 'GET', `/v3/users/${id}`)).status).to.equal(200);
      const done = await change({ user: { original_password: 'first', password: 'second' } });
      expect([done.status, done.text]).to.deep.equal([204, '']);
      expect((await as(token, 'GET', `/v3/users/${id}`)).status).to.equal(401);
      await cloud.token(id, 'second');
    });

    it('locks the account after too many wrong ones, and nobody can tell', async () => {
      const { id } = await create('user', { password: 'secret' });
      const attempts: Answer[] = [];
      for (let attempt = 0; attempt < 3; attempt += 1) attempts.push(await cloud.signIn(id, 'wrong'));
      attempts.push(await cloud.signIn(id, 'secret'), await cloud.signIn('nobody', 'secret'));
      for (const { status, body } of attempts) {
        expect(status).to.equal(401);
        expect(body).to.deep.equal(attempts[0]?.body);
      }
      await call('PATCH', `/v3/users/${id}`, { user: { enabled: true } });
      await cloud.token(id, 'secret');
    });
  });

  describe('who may do what', () => {
    it('is nobody without a token', async () => {
      const { id } = await create('user');
      for (const [method, path] of [
        ['GET', '/v3/users'],
        ['POST', '/v3/users'],
        ['GET', `/v3/users/${id}`],
        ['PATCH', `/v3/users/${id}`],
        ['DELETE', `/v3/users/${id}`],
        ['POST', `/v3/users/${id}/password`],
        ['GET', '/v3/groups'],
        ['PUT', `/v3/groups/none/users/${id}`],
      ] as const) {
        expect(
          (await as(null, method, path, method === 'GET' ? undefined : {})).status,
          `${method} ${path}`,
        ).to.equal(401);
      }
    });

    it('is the user for what is the own, and never learns what else exists', async () => {
      const user = await create('user', { password: 'secret' });
      const other = await create('user');
      const token = await cloud.token(user.id, 'secret');
      expect((await as(token, 'GET', `/v3/users/${user.id}`)).status).to.equal(200);
      expect((await as(token, 'GET', `/v3/users/${user.id}/groups`)).status).to.equal(200);
      for (const path of [
        `/v3/users/${other.id}`,
        '/v3/users/nobody',
        '/v3/users',
        '/v3/groups',
        '/v3/groups/none',
      ]) {
        expect((await as(token, 'GET', path)).status, path).to.equal(403);
      }
      // What a request brings along is no part of what is decided on.
      const lies = {
        user: { name: 'x', user_id: user.id, target: { user: { id: user.id } } },
        user_id: user.id,
      };
      expect((await as(token, 'PATCH', `/v3/users/${other.id}?user_id=${user.id}`, lies)).status).to.equal(
        403,
      );
    });

    it('ends at once when the account is disabled', async () => {
      const { id } = await create('user', { password: 'secret' });
      const token = await cloud.token(id, 'secret');
      await call('PATCH', `/v3/users/${id}`, { user: { enabled: false } });
      expect((await as(token, 'GET', `/v3/users/${id}`)).status).to.equal(401);
      expect((await cloud.signIn(id, 'secret')).status).to.equal(401);
    });
  });
});
