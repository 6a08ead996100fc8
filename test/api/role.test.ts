/** Roles and role inference over HTTP, through the whole pipeline. */
import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, type Named, Tenancy } from './tenancy.js';

describe('roles over HTTP', () => {
  let cloud: Cloud;
  let admin: string;
  let tenancy: Tenancy;
  let member: string;
  let count = 0;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({ role: ['list_limit = 30'], DEFAULT: ['member_role_id = member-role'] });
    admin = await cloud.adminToken();
    tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
    const { alice } = tenancy;
    member = await cloud.token(alice.id, alice.password);
  });
  after(() => cloud.stop());

  const unique = (prefix: string): string => `${prefix}-${(count += 1)}`;
  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, `/v3${path}`, admin, body);
  const statusOf = async (method: string, path: string, body?: object): Promise<number> =>
    (await call(method, path, body)).status;
  const messageOf = (answer: Answer): string => (answer.body['error'] as { message: string }).message;
  async function create(attributes: Json = {}): Promise<Json & Named> {
    const answer = await call('POST', '/roles', { role: { name: unique('own-role'), ...attributes } });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body['role'] as Json & Named;
  }
  const find = async (query: string): Promise<string[]> =>
    ((await call('GET', `/roles?${query}`)).body['roles'] as Named[]).map(({ name }) => name).sort();

  describe('every route', () => {
    const routes: [method: string, route: string, allowed: number, body?: object][] = [
      ['POST', '/roles', 201, { role: { name: 'made' } }],
      ['GET', '/roles', 200],
      ['HEAD', '/roles', 200],
      ['GET', '/roles/{prior}', 200],
      ['HEAD', '/roles/{prior}', 200],
      ['PATCH', '/roles/{prior}', 200, { role: { a: 1 } }],
      ['PUT', '/roles/{prior}/implies/{implied}', 201],
      ['GET', '/roles/{prior}/implies/{implied}', 200],
      ['HEAD', '/roles/{prior}/implies/{implied}', 204],
      ['GET', '/roles/{prior}/implies', 200],
      ['HEAD', '/roles/{prior}/implies', 200],
      ['GET', '/role_inferences', 200],
      ['HEAD', '/role_inferences', 200],
      ['DELETE', '/roles/{prior}/implies/{implied}', 204],
      ['DELETE', '/roles/{prior}', 204],
    ];
    let path: (route: string) => string;
    before(async () => {
      const [prior, implied] = [await create(), await create()];
      path = (route) => `/v3${route.replace('{prior}', prior.id).replace('{implied}', implied.id)}`;
    });
    for (const [method, route, allowed, body] of routes) {
      it(`is for administrators: ${method} ${route}`, async () => {
        const anonymous = await cloud.request(method, path(route), null, body);
        expect(anonymous.status).to.equal(401);
        expect(anonymous.headers.get('WWW-Authenticate')).to.equal(`Keystone uri="${cloud.url}"`);
        expect((await cloud.request(method, path(route), member, body)).status).to.equal(403);
        const answer = await cloud.request(method, path(route), admin, body);
        expect(answer.status, answer.text).to.equal(allowed);
        if (method === 'HEAD' || allowed === 204) expect(answer.text).to.equal('');
      });
    }

    it('does not tell who may not see whether there is anything', async () => {
      for (const where of ['/roles/none', '/roles/none/implies', '/roles/none/implies/none']) {
        expect((await cloud.request('GET', `/v3${where}`, member)).status).to.equal(403);
        expect(await statusOf('GET', where)).to.equal(404);
      }
    });
  });

  it('implies no role that may not be implied, and none in a circle', async () => {
    const [one, two, three] = [await create(), await create(), await create()];
    const local = await create({ domain_id: tenancy.domain.id });
    const [adminRole = one] = (await call('GET', '/roles?name=admin')).body['roles'] as Named[];
    expect(await statusOf('PUT', `/roles/${one.id}/implies/${two.id}`)).to.equal(201);
    expect(await statusOf('PUT', `/roles/${two.id}/implies/${three.id}`)).to.equal(201);
    for (const [prior, implied] of [
      [one, adminRole],
      [one, one],
      [two, one],
      [three, one],
      [one, local],
    ] as const) {
      const path = `/roles/${prior.id}/implies/${implied.id}`;
      const refused = await call('PUT', path);
      expect([refused.status, messageOf(refused)]).to.deep.equal([
        403,
        `${implied.id} cannot be an implied roles`,
      ]);
      expect(await statusOf('GET', path)).to.equal(404);
    }
    // A role of a domain may imply one of all.
    expect(await statusOf('PUT', `/roles/${local.id}/implies/${one.id}`)).to.equal(201);
  });

  describe('a role', () => {
    it('is made, read, changed and deleted, with what else it was given', async () => {
      const name = unique('own-role');
      const { status, body } = await call('POST', '/roles', {
        role: { name, description: 'd', owner: ['me'] },
      });
      expect(status).to.equal(201);
      const { id } = body['role'] as Named;
      const role = {
        id,
        name,
        domain_id: null,
        description: 'd',
        owner: ['me'],
        links: { self: `${cloud.url}/v3/roles/${id}` },
      };
      expect(id).to.match(/^[0-9a-f]{32}$/);
      expect(body).to.deep.equal({ role });
      expect((await call('GET', `/roles/${id}`)).body).to.deep.equal({ role });
      const changed = await call('PATCH', `/roles/${id}`, { role: { id, name: `${name}!`, owner: null } });
      expect(changed.body).to.deep.equal({ role: { ...role, name: `${name}!`, owner: null } });
      expect((await call('GET', `/roles/${id}`)).body).to.deep.equal(changed.body);
      expect(await statusOf('DELETE', `/roles/${id}`)).to.equal(204);
      expect(await statusOf('GET', `/roles/${id}`)).to.equal(404);
      expect(await statusOf('DELETE', `/roles/${id}`)).to.equal(404);
    });

    it('of a domain says so', async () => {
      const { id, domain_id: domainId } = await create({ domain_id: tenancy.domain.id });
      expect(domainId).to.equal(tenancy.domain.id);
      expect((await call('GET', `/roles/${id}`)).body['role']).to.include({ domain_id: domainId });
      expect(await statusOf('PATCH', `/roles/${id}`, { role: { description: 'd' } })).to.equal(200);
      expect(await statusOf('DELETE', `/roles/${id}`)).to.equal(204);
    });

    it('of members has the configured id', async () => {
      expect((await call('GET', '/roles/member-role')).body['role']).to.have.property('name', '_member_');
      await call('DELETE', '/roles/member-role');
      expect(await create({ name: '_member_' })).to.have.property('id', 'member-role');
    });

    const refused: [what: string, status: number, role: unknown, text: RegExp][] = [
      ['no name', 400, {}, /'name' is a required property/],
      ['an empty name', 400, { name: '' }, /./],
      ['a blank name', 400, { name: ' ' }, /./],
      ['a name that is too long', 400, { name: 'n'.repeat(256) }, /./],
      ['a name that is no text', 400, { name: ['n'] }, /./],
      ['a domain that is no text', 400, { name: 'n', domain_id: 7 }, /domain_id/],
      ['the domain that stands for none', 400, { name: 'n', domain_id: '<<null>>' }, /./],
      ['a taken name', 409, { name: 'admin' }, /^Conflict occurred attempting to store role .*name admin/],
      ['nothing', 400, undefined, /role/],
      ['a text', 400, 'text', /role/],
      ['a list', 400, [], /object/],
    ];
    for (const [what, status, role, text] of refused) {
      it(`is not made from ${what}`, async () => {
        const answer = await call('POST', '/roles', { role });
        expect(answer.status).to.equal(status);
        expect(messageOf(answer)).to.match(text);
      });
    }

    it('is not changed into what it cannot be', async () => {
      const { id } = await create();
      for (const role of [
        {},
        { id: 'other' },
        { domain_id: 'd' },
        { name: '' },
        { name: 7 },
        'text',
        undefined,
      ]) {
        expect(await statusOf('PATCH', `/roles/${id}`, { role }), JSON.stringify(role)).to.equal(400);
      }
      expect(await statusOf('PATCH', `/roles/${id}`, { role: { name: 'admin' } })).to.equal(409);
      expect(await statusOf('PATCH', '/roles/none', { role: { name: 'n' } })).to.equal(404);
    });
  });

  describe('lists', () => {
    it('hold global roles, or those of one domain', async () => {
      const name = unique('listed');
      await create({ name });
      await create({ name, domain_id: tenancy.domain.id });
      const { body } = await call('GET', `/roles?name=${name}`);
      expect(body['roles']).to.have.length(1);
      expect((body['roles'] as Json[])[0]).to.include({ name, domain_id: null });
      expect(body['links']).to.deep.equal({
        next: null,
        previous: null,
        self: `${cloud.url}/v3/roles?name=${name}`,
      });
      const own = (await call('GET', `/roles?domain_id=${tenancy.domain.id}&name=${name}`)).body['roles'];
      expect(own).to.have.length(1);
      expect((own as Json[])[0]).to.include({ domain_id: tenancy.domain.id });
      expect(await find(`domain_id=&name=${name}`)).to.deep.equal([name]);
      expect(await find('domain_id=none')).to.deep.equal([]);
      expect(await find('domain_id=%3C%3Cnull%3E%3E')).to.deep.equal([]);
    });

    it('are filtered by parts of the name, and cut', async () => {
      const prefix = unique('Part');
      await create({ name: `${prefix}-one` });
      await create({ name: `${prefix}-two` });
      expect(await find(`name__startswith=${prefix}`)).to.deep.equal([`${prefix}-one`, `${prefix}-two`]);
      expect(await find(`name__icontains=${prefix.toUpperCase()}-T`)).to.deep.equal([`${prefix}-two`]);
      expect(await find(`name__endswith=-one&name__startswith=${prefix}&other=x`)).to.deep.equal([
        `${prefix}-one`,
      ]);
      const domainId = tenancy.domain.id;
      for (let index = 0; index < 31; index += 1) await create({ domain_id: domainId });
      const { body } = await call('GET', `/roles?domain_id=${domainId}`);
      expect(body['roles']).to.have.length(30);
      expect(body['truncated']).to.equal(true);
    });
  });

  describe('inference', () => {
    const short = ({ id, name }: Named): object => ({
      id,
      name,
      links: { self: `${cloud.url}/v3/roles/${id}` },
    });

    it('is made, shown, listed and forgotten', async () => {
      const [prior, one, two] = [await create(), await create(), await create()];
      const rule = `/roles/${prior.id}/implies/${one.id}`;
      const made = await call('PUT', rule);
      expect(made.status).to.equal(201);
      expect(made.body).to.deep.equal({ role_inference: { prior_role: short(prior), implies: short(one) } });
      expect((await call('GET', rule)).body).to.deep.equal(made.body);
      expect(await statusOf('HEAD', rule)).to.equal(204);
      const again = await call('PUT', rule);
      expect(again.status).to.equal(409);
      expect(messageOf(again)).to.match(/^Conflict occurred attempting to store implied_role/);
      await call('PUT', `/roles/${prior.id}/implies/${two.id}`);
      const { body } = await call('GET', `/roles/${prior.id}/implies?x=y`);
      expect(body['links']).to.deep.equal({ self: `${cloud.url}/v3/roles/${prior.id}/implies` });
      const inference = body['role_inference'] as { prior_role: object; implies: object[] };
      expect(inference.prior_role).to.deep.equal(short(prior));
      expect(inference.implies).to.have.deep.members([short(one), short(two)]);
      const all = (await call('GET', '/role_inferences')).body;
      expect(Object.keys(all)).to.deep.equal(['role_inferences']);
      const [mine, ...more] = (all['role_inferences'] as { prior_role: Named; implies: object[] }[]).filter(
        ({ prior_role: { id } }) => id === prior.id,
      );
      expect(more).to.deep.equal([]);
      expect(mine?.implies).to.have.deep.members([short(one), short(two)]);
      expect(await statusOf('DELETE', rule)).to.equal(204);
      for (const method of ['GET', 'HEAD', 'DELETE'])
        expect(await statusOf(method, rule), method).to.equal(404);
      expect(messageOf(await call('GET', rule))).to.contain(`${prior.id} does not imply ${one.id}`);
    });

    it('is refused where it makes no sense', async () => {
      const [prior, specific] = [await create(), await create({ domain_id: tenancy.domain.id })];
      const adminRole = await tenancy.roleNamed('admin');
      const put = (from: string, to: string): Promise<number> =>
        statusOf('PUT', `/roles/${from}/implies/${to}`);
      expect(await put(prior.id, adminRole)).to.equal(403);
      expect(await put(prior.id, specific.id)).to.equal(403);
      expect(await put(prior.id, prior.id)).to.equal(403);
      expect(await put(specific.id, prior.id)).to.equal(201);
      expect(await put(prior.id, 'none')).to.equal(404);
      expect(await put('none', prior.id)).to.equal(404);
    });

    it('shows in tokens at once, and is gone from them at once', async () => {
      const { alice, role } = tenancy;
      const project = await tenancy.newProject();
      await tenancy.grant('PUT', alice.id, project.id);
      const implied = await create();
      const signIn = await cloud.request('POST', '/v3/auth/tokens', null, {
        auth: {
          identity: { methods: ['password'], password: { user: { id: alice.id, password: alice.password } } },
          scope: { project: { id: project.id } },
        },
      });
      const token = signIn.headers.get('X-Subject-Token') as string;
      const rolesNow = async (): Promise<string[]> => {
        const { body } = await cloud.request('GET', '/v3/auth/tokens', admin, undefined, {
          'X-Subject-Token': token,
        });
        return (body['token'] as { roles: Named[] }).roles.map(({ id }) => id);
      };
      expect(await rolesNow()).to.deep.equal([role.id]);
      await call('PUT', `/roles/${role.id}/implies/${implied.id}`);
      expect(await rolesNow()).to.have.members([role.id, implied.id]);
      await call('DELETE', `/roles/${role.id}/implies/${implied.id}`);
      expect(await rolesNow()).to.deep.equal([role.id]);
      await call('PUT', `/roles/${role.id}/implies/${implied.id}`);
      await call('DELETE', `/roles/${implied.id}`);
      expect(await rolesNow()).to.deep.equal([role.id]);
    });
  });
});
