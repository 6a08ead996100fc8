/** Signing in, and what becomes of tokens: POST, GET, HEAD and DELETE /v3/auth/tokens through the whole pipeline. */
import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, Tenancy, tokenOf } from './tenancy.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** Keys of every token. */
const PLAIN = ['methods', 'user', 'audit_ids', 'expires_at', 'issued_at'];
const AUDIT_ID = /^[\w-]{22}$/;

describe('authentication over HTTP', function limited() {
  this.timeout(120_000);
  let cloud: Cloud;
  let admin: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({ resource: ['project_name_url_safe = new'] });
    admin = await cloud.adminToken();
    tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
  });
  after(() => cloud.stop());

  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, path, admin, body);
  const errorOf = (answer: Answer): Json => answer.body['error'] as Json;
  const signIn = (auth: object, query = ''): Promise<Answer> =>
    cloud.request('POST', `/v3/auth/tokens${query}`, null, { auth });
  const password = (user: object, scope?: object, query = ''): Promise<Answer> =>
    signIn(
      { identity: { methods: ['password'], password: { user } }, ...(scope !== undefined && { scope }) },
      query,
    );
  const rescope = (id: string, scope?: object): Promise<Answer> =>
    signIn({ identity: { methods: ['token'], token: { id } }, ...(scope !== undefined && { scope }) });
  const subject = (method: string, id: string, by = admin, query = ''): Promise<Answer> =>
    cloud.request(method, `/v3/auth/tokens${query}`, by, undefined, { 'X-Subject-Token': id });
  const body = (answer: Answer): Json => {
    expect(answer.status, answer.text).to.be.oneOf([200, 201]);
    return answer.body['token'] as Json;
  };
  const alice = (): object => ({ id: tenancy.alice.id, password: tenancy.alice.password });

  describe('the answer', () => {
    it('to a password without a scope tells of the user, and of nothing else', async () => {
      const answer = await password(alice(), { unscoped: {} });
      expect(answer.status).to.equal(201);
      const token = body(answer);
      expect(token).to.have.all.keys(PLAIN);
      expect(token['methods']).to.deep.equal(['password']);
      expect(token['user']).to.deep.equal({
        id: tenancy.alice.id,
        name: tenancy.alice.name,
        domain: { id: tenancy.domain.id, name: tenancy.domain.name },
      });
      expect(token['audit_ids']).to.have.length(1);
      expect((token['audit_ids'] as string[])[0]).to.match(AUDIT_ID);
      const [issued, expires] = [token['issued_at'] as string, token['expires_at'] as string];
      expect(issued).to.match(TIME);
      expect(expires).to.match(TIME);
      expect(Date.parse(expires) - Date.parse(issued)).to.be.within(3_599_000, 3_601_000);
      expect(answer.headers.get('X-Subject-Token')).to.match(/^gAAAA/);
      expect(answer.headers.get('Vary')).to.equal('X-Auth-Token');
      expect(answer.headers.get('Content-Type')).to.equal('application/json');
      expect(answer.headers.get('x-openstack-request-id')).to.match(/^req-/);
    });

    it('with a project has its domain, the roles and the catalog', async () => {
      const { project, domain, role } = tenancy;
      const token = body(await password(alice(), { project: { id: project.id } }));
      expect(token).to.have.all.keys([...PLAIN, 'project', 'is_domain', 'roles', 'catalog']);
      expect(token['project']).to.deep.equal({
        id: project.id,
        name: project.name,
        domain: { id: domain.id, name: domain.name },
      });
      expect(token['is_domain']).to.equal(false);
      expect(token['roles']).to.deep.equal([{ id: role.id, name: role.name }]);
      const catalog = token['catalog'] as Json[];
      const service = catalog.find(({ id }) => id === tenancy.service.id);
      expect(service).to.deep.equal({
        id: tenancy.service.id,
        type: 'compute',
        name: 'nova',
        endpoints: [
          {
            id: tenancy.endpoint.id,
            interface: 'public',
            region: null,
            region_id: null,
            url: `http://compute/v2/${project.id}`,
          },
        ],
      });
    });

    it('with a domain has the domain, the roles and a catalog without the endpoints of projects', async () => {
      const { domain, role } = tenancy;
      const token = body(await password(alice(), { domain: { id: domain.id } }));
      expect(token).to.have.all.keys([...PLAIN, 'domain', 'roles', 'catalog']);
      expect(token['domain']).to.deep.equal({ id: domain.id, name: domain.name });
      expect(token['roles']).to.deep.equal([{ id: role.id, name: role.name }]);
      expect(JSON.stringify(token['catalog'])).not.to.contain(tenancy.endpoint.id);
    });

    it('names no domain of a project that acts as one', async () => {
      const { domain } = tenancy;
      const token = body(await password(alice(), { project: { id: domain.id } }));
      expect(token['project']).to.deep.equal({ id: domain.id, name: domain.name, domain: null });
      expect(token['is_domain']).to.equal(true);
    });

    it('leaves the catalog out on request', async () => {
      const scope = { project: { id: tenancy.project.id } };
      const answer = await password(alice(), scope, '?nocatalog');
      expect(body(answer)).not.to.have.property('catalog');
      const id = tokenOf(answer);
      expect(body(await subject('GET', id, admin, '?nocatalog=1'))).not.to.have.property('catalog');
      expect(body(await subject('GET', id))).to.have.property('catalog');
    });
  });

  describe('a scope', () => {
    const scopeOf = (token: Json): unknown =>
      (token['project'] as Json | undefined)?.['id'] ?? (token['domain'] as Json | undefined)?.['id'] ?? null;

    it('may be a project by its name in a domain by id or by name, or a domain by its name', async () => {
      const { project, domain } = tenancy;
      const scopes = [
        { project: { name: project.name, domain: { id: domain.id } } },
        { project: { name: project.name, domain: { name: domain.name } } },
      ];
      for (const scope of scopes) expect(scopeOf(body(await password(alice(), scope)))).to.equal(project.id);
      const byName = await password(alice(), { domain: { name: domain.name } });
      expect(scopeOf(body(byName))).to.equal(domain.id);
    });

    it('is the default project where none is asked for, unless none is wanted', async () => {
      const { project } = tenancy;
      const user = await tenancy.user({ default_project_id: project.id });
      const credentials = { id: user.id, password: user.password };
      expect(scopeOf(body(await password(credentials)))).to.equal(null);
      await tenancy.grant('PUT', user.id, project.id);
      const answer = await password(credentials);
      expect(scopeOf(body(answer))).to.equal(project.id);
      expect(scopeOf(body(await password(credentials, { unscoped: {} })))).to.equal(null);
      const unscoped = tokenOf(await password(credentials, { unscoped: {} }));
      expect(scopeOf(body(await rescope(unscoped)))).to.equal(project.id);
    });

    it('is none where the default project is disabled or gone', async () => {
      const project = await tenancy.newProject();
      const user = await tenancy.user({ default_project_id: project.id });
      const credentials = { id: user.id, password: user.password };
      await tenancy.grant('PUT', user.id, project.id);
      expect(scopeOf(body(await password(credentials)))).to.equal(project.id);
      await call('PATCH', `/v3/projects/${project.id}`, { project: { enabled: false } });
      expect(scopeOf(body(await password(credentials)))).to.equal(null);
      await call('DELETE', `/v3/projects/${project.id}`);
      expect(scopeOf(body(await password(credentials)))).to.equal(null);
    });
  });

  describe('the user', () => {
    it('may be named in a domain by id or by name', async () => {
      const { alice: user, domain } = tenancy;
      for (const of of [{ id: domain.id }, { name: domain.name }]) {
        const answer = await password({ name: user.name, domain: of, password: user.password });
        expect((body(answer)['user'] as Json)['id']).to.equal(user.id);
      }
    });

    it('gets one answer whatever is wrong', async () => {
      const { alice: user, domain } = tenancy;
      const off = await tenancy.user({ enabled: false });
      const sleeping = await tenancy.newDomain({ enabled: false });
      const wrong = [
        { id: user.id, password: 'wrong' },
        { id: user.id },
        { id: user.id, password: null },
        { id: 'nobody', password: user.password },
        { name: 'nobody', domain: { id: domain.id }, password: user.password },
        { name: user.name, domain: { id: 'nowhere' }, password: user.password },
        { name: user.name, domain: { id: sleeping.id }, password: user.password },
        { id: off.id, password: off.password },
      ];
      for (const credentials of wrong) {
        const answer = await password(credentials);
        expect(answer.status, JSON.stringify(credentials)).to.equal(401);
        expect(errorOf(answer)).to.deep.equal({
          code: 401,
          title: 'Unauthorized',
          message: 'The request you have made requires authentication.',
        });
        expect(answer.headers.get('WWW-Authenticate')).to.equal(`Keystone uri="${cloud.url}"`);
        expect(answer.headers.get('Vary')).to.equal('X-Auth-Token');
        expect(answer.headers.get('X-Subject-Token')).to.equal(null);
      }
    });
  });

  describe('a request', () => {
    const methods = (names: unknown, more: Json = {}): Json => ({ identity: { methods: names, ...more } });
    const withScope = (scope: unknown): Json => ({
      ...methods(['password'], { password: { user: { id: 'x', password: 'y' } } }),
      scope,
    });
    const user = (value: unknown): Json => methods(['password'], { password: { user: value } });
    const malformed: [what: string, auth: unknown][] = [
      ['an empty auth', {}],
      ['an auth that is a text', 'x'],
      ['no identity', { scope: { unscoped: {} } }],
      ['no methods', { identity: {} }],
      ['methods that are a text', methods('password')],
      ['a method without its payload', methods(['password'])],
      ['a payload of another method', methods(['password'], { token: { id: 'x' } })],
      ['a method that is no text', methods([['password']])],
      ['no user', methods(['password'], { password: {} })],
      ['a user without id or name', user({ password: 'x' })],
      ['a user by name without a domain', user({ name: 'x', password: 'x' })],
      ['a domain without id or name', user({ name: 'x', domain: {}, password: 'x' })],
      ['a domain that is a text', user({ name: 'x', domain: 'x', password: 'x' })],
      ['a token without id', methods(['token'], { token: {} })],
      ['an empty scope', withScope({})],
      ['a scope that is null', withScope(null)],
      ['two scopes', withScope({ project: { id: 'x' }, domain: { id: 'y' } })],
      ['a project and none', withScope({ project: { id: 'x' }, unscoped: {} })],
      ['a project without id or name', withScope({ project: {} })],
      ['a project by name without a domain', withScope({ project: { name: 'x' } })],
      ['a project that is a text', withScope({ project: 'x' })],
      ['a domain scope without id or name', withScope({ domain: {} })],
      ['a trust without id', withScope({ 'OS-TRUST:trust': {} })],
    ];
    for (const [what, auth] of malformed) {
      it(`with ${what} is malformed`, async () => {
        const answer = await signIn(auth as object);
        expect(answer.status, answer.text).to.equal(400);
        expect(errorOf(answer)).to.include({ code: 400, title: 'Bad Request' });
      });
    }

    it('without auth, or that is no object of JSON, is malformed', async () => {
      const post = async (text: string, type = 'application/json'): Promise<number> => {
        const answer = await fetch(`${cloud.url}/v3/auth/tokens`, {
          method: 'POST',
          headers: { 'Content-Type': type },
          body: text,
        });
        await answer.text();
        return answer.status;
      };
      expect(await post('{}')).to.equal(400);
      expect(await post('[]')).to.equal(400);
      expect(await post('{')).to.equal(400);
      expect(await post('{"auth": {}}', 'text/plain')).to.equal(400);
    });

    it('with anything beside auth is malformed', async () => {
      const identity = { methods: ['password'], password: { user: alice() } };
      const answer = await cloud.request('POST', '/v3/auth/tokens', null, { auth: { identity }, other: 1 });
      expect(answer.status).to.equal(400);
      expect(errorOf(answer)['message']).to.contain("'other'");
    });

    it('with a password that is no text is malformed, whoever it is for', async () => {
      for (const user of [alice(), { id: 'nobody' }]) {
        const answer = await password({ ...user, password: 5 });
        expect(answer.status).to.equal(400);
        expect(errorOf(answer)['message']).to.match(/^Expecting to find string in password - /);
        expect((await password({ ...user, password: null })).status).to.equal(401);
      }
    });

    it('with no method at all proves nothing', async () => {
      expect((await signIn(methods([]))).status).to.equal(401);
    });

    it('by a method that is not in use is told which ones are', async () => {
      const answer = await signIn(methods(['magic'], { magic: {} }));
      expect(answer.status).to.equal(401);
      expect(errorOf(answer)).to.deep.equal({
        code: 401,
        title: 'Unauthorized',
        message: 'Attempted to authenticate with an unsupported method.',
        identity: { methods: ['password', 'token'] },
      });
      expect(answer.headers.get('WWW-Authenticate')).to.equal(null);
    });

    it('for a scope that is not there, is disabled, or where the user has no role, is refused', async () => {
      const { project, domain } = tenancy;
      const other = await tenancy.newProject();
      const off = await tenancy.newProject({ enabled: false });
      await tenancy.grant('PUT', tenancy.alice.id, off.id);
      const sleeping = await tenancy.newDomain({ enabled: false });
      const scopes = [
        { project: { id: 'nowhere' } },
        { project: { name: 'nowhere', domain: { id: domain.id } } },
        { project: { name: project.name, domain: { id: 'default' } } },
        { project: { id: other.id } },
        { project: { id: off.id } },
        { domain: { id: 'nowhere' } },
        { domain: { id: sleeping.id } },
        { domain: { id: project.id } },
        { domain: { id: 'default' } },
        { domain: { id: '<<keystone.domain.root>>' } },
        { project: { id: '<<keystone.domain.root>>' } },
        { 'OS-TRUST:trust': { id: 'nowhere' } },
      ];
      for (const scope of scopes) {
        const answer = await password(alice(), scope);
        expect(answer.status, JSON.stringify(scope)).to.equal(401);
        expect(errorOf(answer)['message']).to.equal('The request you have made requires authentication.');
      }
    });

    it('is checked for who asks before anything is said of the scope', async () => {
      const answers = [
        await password({ id: tenancy.alice.id, password: 'wrong' }, { project: { id: 'nowhere' } }),
        await password({ id: tenancy.alice.id, password: 'wrong' }, { project: { id: tenancy.project.id } }),
      ];
      expect(answers.map(({ text }) => text)[0]).to.equal(answers[1]?.text);
    });
  });

  describe('several methods', () => {
    it('must speak of one user; their token has all of them and ends with the first', async () => {
      const first = await password(alice(), { unscoped: {} });
      const identity = (user: object): object => ({
        identity: {
          methods: ['token', 'password', 'token'],
          token: { id: tokenOf(first) },
          password: { user },
        },
        scope: { unscoped: {} },
      });
      const token = body(await signIn(identity(alice())));
      expect(token['methods']).to.have.members(['password', 'token']);
      expect(token['expires_at']).to.equal(body(first)['expires_at']);
      const other = await tenancy.user();
      const refused = await signIn(identity({ id: other.id, password: other.password }));
      expect(refused.status).to.equal(401);
    });
  });

  describe('rescoping', () => {
    it('keeps the end of the first token, its chain and its methods, however often it is done', async () => {
      const first = await password(alice(), { unscoped: {} });
      const [root] = body(first)['audit_ids'] as string[];
      let last = tokenOf(first);
      const seen = new Set<string>([root as string]);
      for (const scope of [
        { project: { id: tenancy.project.id } },
        { domain: { id: tenancy.domain.id } },
        { unscoped: {} },
      ]) {
        const answer = await rescope(last, scope);
        const token = body(answer);
        expect(token['expires_at']).to.equal(body(first)['expires_at']);
        expect(token['methods']).to.have.members(['password', 'token']);
        const [own, chain] = token['audit_ids'] as string[];
        expect(chain).to.equal(root);
        expect(seen.has(own as string)).to.equal(false);
        seen.add(own as string);
        last = tokenOf(answer);
        expect(body(await subject('GET', last))).to.deep.equal(token);
      }
    });

    it('of what is no token, or is one no more, finds nothing', async () => {
      const token = tokenOf(await password(alice()));
      expect((await subject('DELETE', token)).status).to.equal(204);
      for (const id of ['nothing', token, `${token.slice(0, -4)}AAAA`]) {
        const answer = await rescope(id);
        expect(answer.status).to.equal(404);
        expect(answer.text).not.to.contain(token.slice(0, 40));
      }
    });

    it('does not reach where the user has no role', async () => {
      const other = await tenancy.newProject();
      const token = tokenOf(await password(alice()));
      expect((await rescope(token, { project: { id: other.id } })).status).to.equal(401);
    });
  });

  describe('validation', () => {
    it('shows the token as it was issued, and HEAD the same without the body', async () => {
      const issued = await password(alice(), { project: { id: tenancy.project.id } });
      const id = tokenOf(issued);
      const got = await subject('GET', id);
      expect(got.status).to.equal(200);
      expect(got.body).to.deep.equal(issued.body);
      expect(got.headers.get('X-Subject-Token')).to.equal(id);
      expect(got.headers.get('Vary')).to.equal('X-Auth-Token');
      const head = await subject('HEAD', id);
      expect(head.status).to.equal(200);
      expect(head.text).to.equal('');
      expect(head.headers.get('X-Subject-Token')).to.equal(id);
      expect(head.headers.get('Content-Length')).to.equal(got.headers.get('Content-Length'));
    });

    it('is for the holder, for services and for administrators', async () => {
      const id = tokenOf(await password(alice(), { unscoped: {} }));
      const own = tokenOf(await password(alice(), { unscoped: {} }));
      const service = await tenancy.user();
      await tenancy.grant('PUT', service.id, tenancy.project.id, await tenancy.roleNamed('service'));
      const serviceToken = tokenOf(
        await password(
          { id: service.id, password: service.password },
          { project: { id: tenancy.project.id } },
        ),
      );
      const other = await tenancy.user();
      const otherToken = tokenOf(await password({ id: other.id, password: other.password }));
      const statuses = async (method: string, by: string): Promise<number> =>
        (await subject(method, id, by)).status;
      expect(await statuses('GET', id)).to.equal(200);
      expect(await statuses('GET', own)).to.equal(200);
      expect(await statuses('GET', admin)).to.equal(200);
      expect(await statuses('GET', serviceToken)).to.equal(200);
      expect(await statuses('HEAD', own)).to.equal(200);
      for (const method of ['GET', 'HEAD', 'DELETE'])
        expect(await statuses(method, otherToken)).to.equal(403);
      expect(await statuses('DELETE', serviceToken)).to.equal(403);
      expect(await statuses('GET', id)).to.equal(200);
    });

    it('needs a caller and a token to look at', async () => {
      const id = tokenOf(await password(alice()));
      const anonymous = await cloud.request('GET', '/v3/auth/tokens', null, undefined, {
        'X-Subject-Token': id,
      });
      expect(anonymous.status).to.equal(401);
      expect(anonymous.headers.get('WWW-Authenticate')).to.equal(`Keystone uri="${cloud.url}"`);
      for (const method of ['GET', 'HEAD', 'DELETE']) {
        const absent = await call(method, '/v3/auth/tokens');
        expect(absent.status).to.equal(404);
        if (method !== 'HEAD') expect(absent.text).to.contain('"No token in the request"');
        expect((await subject(method, 'nothing')).status).to.equal(404);
        expect((await subject(method, 'x'.repeat(4000))).status).to.equal(404);
      }
    });

    it('does not let the query or the body pass for the token that policy asks about', async () => {
      const id = tokenOf(await password(alice()));
      const other = await tenancy.user();
      const by = tokenOf(await password({ id: other.id, password: other.password }));
      const query = `?user_id=${other.id}&target.token.user_id=${other.id}&is_admin=1&roles=admin`;
      expect((await subject('GET', id, by, query)).status).to.equal(403);
      const revoke = await cloud.request(
        'DELETE',
        '/v3/auth/tokens',
        by,
        { target: { token: { user_id: other.id } }, 'target.token.user_id': other.id },
        { 'X-Subject-Token': id },
      );
      expect(revoke.status).to.equal(403);
    });
  });

  describe('revocation', () => {
    let twin: Cloud;
    before(async () => {
      twin = await cloud.twin();
    });

    /** The token is refused by both servers: as the caller's own with 401, as a subject with 404. */
    async function expectDead(id: string): Promise<void> {
      const checker = await cloud.adminToken();
      for (const server of [cloud, twin]) {
        expect((await server.request('GET', '/v3/auth/projects', id)).status).to.equal(401);
        const asSubject = await server.request('GET', '/v3/auth/tokens', checker, undefined, {
          'X-Subject-Token': id,
        });
        expect(asSubject.status).to.equal(404);
      }
      expect((await rescope(id)).status).to.equal(404);
    }

    async function expectAlive(id: string): Promise<void> {
      for (const server of [cloud, twin]) {
        expect((await server.request('GET', '/v3/auth/projects', id)).status).to.equal(200);
      }
    }

    it('ends a token at once, everywhere, and no other', async () => {
      const [one, two] = [tokenOf(await password(alice())), tokenOf(await password(alice()))];
      await expectAlive(one);
      const answer = await subject('DELETE', one, one);
      expect({ status: answer.status, text: answer.text }).to.deep.equal({ status: 204, text: '' });
      await expectDead(one);
      await expectAlive(two);
      expect((await subject('DELETE', one)).status).to.equal(404);
    });

    it('leaves the tokens that were made from a token', async () => {
      const parent = tokenOf(await password(alice(), { unscoped: {} }));
      const child = tokenOf(await rescope(parent, { project: { id: tenancy.project.id } }));
      await subject('DELETE', parent);
      await expectDead(parent);
      await expectAlive(child);
    });

    const endings: [what: string, end: (world: World) => Promise<Answer>][] = [
      ['disabled user', ({ user }) => call('PATCH', `/v3/users/${user}`, { user: { enabled: false } })],
      ['deleted user', ({ user }) => call('DELETE', `/v3/users/${user}`)],
      ['new password', ({ user }) => call('PATCH', `/v3/users/${user}`, { user: { password: 'another' } })],
      [
        'disabled project',
        ({ project }) => call('PATCH', `/v3/projects/${project}`, { project: { enabled: false } }),
      ],
      ['deleted project', ({ project }) => call('DELETE', `/v3/projects/${project}`)],
      [
        'disabled domain',
        ({ domain }) => call('PATCH', `/v3/domains/${domain}`, { domain: { enabled: false } }),
      ],
      ['removed grant', ({ user, project }) => tenancy.grant('DELETE', user, project)],
    ];
    interface World {
      readonly user: string;
      readonly project: string;
      readonly domain: string;
    }
    for (const [what, end] of endings) {
      it(`follows a ${what}`, async () => {
        const domain = await tenancy.newDomain();
        const project = await tenancy.newProject({ domain_id: domain.id });
        const user = await tenancy.user({ domain_id: domain.id });
        await tenancy.grant('PUT', user.id, project.id);
        const id = tokenOf(
          await password({ id: user.id, password: user.password }, { project: { id: project.id } }),
        );
        await expectAlive(id);
        const answer = await end({ user: user.id, project: project.id, domain: domain.id });
        expect(answer.status, answer.text).to.be.oneOf([200, 204]);
        await expectDead(id);
      });
    }

    it('stays when what was disabled is enabled again', async () => {
      const user = await tenancy.user();
      const credentials = { id: user.id, password: user.password };
      const id = tokenOf(await password(credentials));
      for (const enabled of [false, true]) await call('PATCH', `/v3/users/${user.id}`, { user: { enabled } });
      await expectDead(id);
      await expectAlive(tokenOf(await password(credentials)));
    });

    it('does not hit the token that a user gets right after it', async () => {
      const user = await tenancy.user({ password: 'first' });
      for (const secret of ['second', 'third']) {
        await call('PATCH', `/v3/users/${user.id}`, { user: { password: secret } });
        const id = tokenOf(await password({ id: user.id, password: secret }));
        await expectAlive(id);
      }
    });

    it('cannot be outrun by a request that is under way', async () => {
      const user = await tenancy.user({ password: 'first' });
      const parent = tokenOf(await password({ id: user.id, password: 'first' }));
      const change = call('PATCH', `/v3/users/${user.id}`, { user: { password: 'second' } });
      const racing = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          index % 2 === 0 ? rescope(parent) : password({ id: user.id, password: 'first' }),
        ),
      );
      await change;
      for (const answer of racing) {
        if (answer.status === 201) await expectDead(tokenOf(answer));
        else expect(answer.status).to.be.oneOf([401, 404]);
      }
    });
  });

  describe('the list of revoked tokens', () => {
    it('is empty for tokens that are kept nowhere, and never signed', async () => {
      const list = await call('GET', '/v3/auth/tokens/OS-PKI/revoked?audit_id_only');
      expect({ status: list.status, body: list.body }).to.deep.equal({ status: 200, body: { revoked: [] } });
      expect((await call('GET', '/v3/auth/tokens/OS-PKI/revoked')).status).to.equal(403);
      const own = tokenOf(await password(alice()));
      expect((await cloud.request('GET', '/v3/auth/tokens/OS-PKI/revoked', own)).status).to.equal(403);
    });
  });

  describe('what a caller may scope to', () => {
    it('are the enabled projects and domains with a role, also without a scope', async () => {
      const user = await tenancy.user();
      const [mine, disabled] = [await tenancy.newProject(), await tenancy.newProject()];
      for (const { id } of [mine, disabled]) await tenancy.grant('PUT', user.id, id);
      await call('PATCH', `/v3/projects/${disabled.id}`, { project: { enabled: false } });
      const path = `/v3/domains/${tenancy.domain.id}/users/${user.id}/roles/${tenancy.role.id}`;
      expect((await call('PUT', path)).status).to.equal(204);
      const token = tokenOf(await password({ id: user.id, password: user.password }));
      const projects = await cloud.request('GET', '/v3/auth/projects', token);
      expect(projects.status).to.equal(200);
      const expected = await call('GET', `/v3/projects/${mine.id}`);
      expect(projects.body).to.deep.equal({
        projects: [expected.body['project']],
        links: { self: `${cloud.url}/v3/auth/projects`, next: null, previous: null },
      });
      const domains = await cloud.request('GET', '/v3/auth/domains', token);
      const domain = await call('GET', `/v3/domains/${tenancy.domain.id}`);
      expect(domains.body).to.deep.equal({
        domains: [domain.body['domain']],
        links: { self: `${cloud.url}/v3/auth/domains`, next: null, previous: null },
      });
    });

    it('have a catalog in the project of the token, and nowhere else', async () => {
      const scoped = await password(alice(), { project: { id: tenancy.project.id } });
      const catalog = await cloud.request('GET', '/v3/auth/catalog', tokenOf(scoped));
      expect(catalog.body).to.deep.equal({
        catalog: body(scoped)['catalog'],
        links: { self: `${cloud.url}/v3/auth/catalog` },
      });
      for (const scope of [{ unscoped: {} }, { domain: { id: tenancy.domain.id } }]) {
        const token = tokenOf(await password(alice(), scope));
        expect((await cloud.request('GET', '/v3/auth/catalog', token)).status).to.equal(403);
      }
    });

    it('are told to callers alone', async () => {
      for (const path of ['projects', 'domains', 'catalog', 'tokens/OS-PKI/revoked']) {
        expect((await cloud.request('GET', `/v3/auth/${path}`, null)).status).to.equal(401);
        expect((await cloud.request('GET', `/v3/auth/${path}`, 'nothing')).status).to.equal(401);
      }
    });
  });
});
