/** Projects and domains over HTTP, through the whole pipeline. */
import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, type Named, Tenancy, tokenOf } from './tenancy.js';

const ROOT = '<<keystone.domain.root>>';

describe('projects and domains over HTTP', () => {
  let cloud: Cloud;
  let admin: string;
  let tenancy: Tenancy;
  let member: string;
  let count = 0;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({
      resource: ['list_limit = 40', 'project_name_url_safe = new', 'domain_name_url_safe = new'],
      DEFAULT: ['max_project_tree_depth = 3'],
    });
    admin = await cloud.adminToken();
    tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
    const { id, password } = tenancy.alice;
    member = await cloud.token(id, password);
  });
  after(() => cloud.stop());

  const unique = (prefix: string): string => `${prefix}-${(count += 1)}`;
  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, `/v3${path}`, admin, body);
  const statusOf = async (method: string, path: string, body?: object): Promise<number> =>
    (await call(method, path, body)).status;
  const messageOf = (answer: Answer): string => (answer.body['error'] as { message: string }).message;
  const create = async (kind: 'project' | 'domain', attributes: Json = {}): Promise<Json & Named> => {
    const answer = await call('POST', `/${kind}s`, { [kind]: { name: unique(kind), ...attributes } });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body[kind] as Json & Named;
  };
  const update = (kind: 'project' | 'domain', id: string, changes: Json): Promise<Answer> =>
    call('PATCH', `/${kind}s/${id}`, { [kind]: changes });
  const find = async (kind: 'projects' | 'domains', query = ''): Promise<string[]> =>
    ((await call('GET', `/${kind}${query}`)).body[kind] as Named[]).map(({ id }) => id);

  describe('every route', () => {
    const routes: [method: string, route: string, body?: object][] = [
      ['POST', '/domains', { domain: { name: 'd' } }],
      ['GET', '/domains'],
      ['HEAD', '/domains'],
      ['GET', '/domains/{domain}'],
      ['HEAD', '/domains/{domain}'],
      ['PATCH', '/domains/{domain}', { domain: { name: 'd' } }],
      ['DELETE', '/domains/{domain}'],
      ['POST', '/projects', { project: { name: 'p' } }],
      ['GET', '/projects'],
      ['HEAD', '/projects'],
      ['PATCH', '/projects/{project}', { project: { name: 'p' } }],
      ['DELETE', '/projects/{project}'],
    ];
    for (const [method, route, body] of routes) {
      it(`is for administrators: ${method} ${route}`, async () => {
        const path = `/v3${route.replace('{domain}', tenancy.domain.id).replace('{project}', tenancy.project.id)}`;
        const anonymous = await cloud.request(method, path, null, body);
        expect(anonymous.status).to.equal(401);
        expect(anonymous.headers.get('WWW-Authenticate')).to.equal(`Keystone uri="${cloud.url}"`);
        expect((await cloud.request(method, path, member, body)).status).to.equal(403);
      });
    }

    it('does not tell who may not see whether there is anything', async () => {
      for (const path of ['/domains/nowhere', `/domains/${tenancy.domain.id}`, '/projects/nowhere']) {
        expect((await cloud.request('GET', `/v3${path}`, member)).status).to.equal(403);
      }
      expect(await statusOf('GET', '/domains/nowhere')).to.equal(404);
      expect(await statusOf('GET', '/projects/nowhere')).to.equal(404);
    });

    it('shows a project to a user who is in it', async () => {
      const { alice, project } = tenancy;
      const scoped = await cloud.request('POST', '/v3/auth/tokens', null, {
        auth: {
          identity: { methods: ['password'], password: { user: { id: alice.id, password: alice.password } } },
          scope: { project: { id: project.id } },
        },
      });
      const answer = await cloud.request('GET', `/v3/projects/${project.id}`, tokenOf(scoped));
      expect(answer.status).to.equal(200);
    });

    it('takes nothing from a body or a query for what policy asks about', async () => {
      const { id } = tenancy.project;
      const forged = { project_id: id, user_id: tenancy.alice.id, roles: ['admin'], is_admin: true };
      const body = { project: { name: 'x', ...forged }, target: { project: forged } };
      expect((await cloud.request('PATCH', `/v3/projects/${id}`, member, body)).status).to.equal(403);
      const query = `?project_id=${id}&roles=admin&is_admin=1&target.project.id=${id}`;
      expect((await cloud.request('GET', `/v3/domains${query}`, member)).status).to.equal(403);
    });
  });

  describe('a project', () => {
    it('is created with what the API promises, keeps what else is sent, and is read as it is', async () => {
      const domain = tenancy.domain.id;
      const name = unique('project');
      const { status, body } = await call('POST', '/projects', {
        project: { name: ` ${name} `, domain_id: domain, owner: { a: [1, null] }, id: 'mine' },
      });
      expect(status).to.equal(201);
      const project = body['project'] as Json & Named;
      expect(project.id).to.match(/^[0-9a-f]{32}$/);
      expect(project).to.deep.equal({
        id: project.id,
        name,
        domain_id: domain,
        parent_id: domain,
        is_domain: false,
        enabled: true,
        description: '',
        owner: { a: [1, null] },
        links: { self: `${cloud.url}/v3/projects/${project.id}` },
      });
      expect((await call('GET', `/projects/${project.id}`)).body).to.deep.equal({ project });
      const head = await call('HEAD', `/projects/${project.id}`);
      expect({ status: head.status, text: head.text }).to.deep.equal({ status: 200, text: '' });
    });

    it('keeps null and absent apart', async () => {
      const { id, description } = await create('project', { description: null, extra_1: null });
      expect(description).to.equal(null);
      const { body } = await call('GET', `/projects/${id}`);
      expect(body['project']).to.include({ description: null, extra_1: null });
      const { body: updated } = await update('project', id, { description: 'd' });
      expect(updated['project']).to.include({ description: 'd', extra_1: null });
    });

    it('is in the domain of the token, or in the default one', async () => {
      const { alice, domain } = tenancy;
      const adminRole = await tenancy.roleNamed('admin');
      const path = `/domains/${domain.id}/users/${alice.id}/roles/${adminRole}`;
      expect(await statusOf('PUT', path)).to.equal(204);
      const token = tokenOf(
        await cloud.request('POST', '/v3/auth/tokens', null, {
          auth: {
            identity: {
              methods: ['password'],
              password: { user: { id: alice.id, password: alice.password } },
            },
            scope: { domain: { id: domain.id } },
          },
        }),
      );
      const made = await cloud.request('POST', '/v3/projects', token, { project: { name: unique('p') } });
      expect(made.body['project']).to.include({ domain_id: domain.id, parent_id: domain.id });
      expect(await create('project')).to.include({ domain_id: 'default', parent_id: 'default' });
      expect(await statusOf('DELETE', path)).to.equal(204);
    });

    it('is changed, with extra attributes told twice', async () => {
      const project = await create('project', { owner: 'o' });
      const { status, body } = await update('project', project.id, { description: 'd', cost: 7 });
      expect(status).to.equal(200);
      const extra = { owner: 'o', cost: 7 };
      const changed = { ...project, ...extra, description: 'd' };
      expect(body['project']).to.deep.equal({ ...changed, extra });
      expect((await call('GET', `/projects/${project.id}`)).body).to.deep.equal({ project: changed });
    });

    it('is itself whatever links a client sends', async () => {
      const { id } = await create('project', { links: 'elsewhere' });
      const { body } = await call('GET', `/projects/${id}`);
      expect((body['project'] as Json)['links']).to.deep.equal({ self: `${cloud.url}/v3/projects/${id}` });
    });

    const refused: [what: string, status: number, project: Json][] = [
      ['without a name', 400, { name: undefined }],
      ['with an empty name', 400, { name: '' }],
      ['with a blank name', 400, { name: '  ' }],
      ['with a name that is null', 400, { name: null }],
      ['with a name that is too long', 400, { name: 'n'.repeat(65) }],
      ['with a name that is not safe in URLs', 400, { name: 'a/b' }],
      ['enabled by a text', 400, { enabled: 'true' }],
      ['enabled by a number', 400, { enabled: 1 }],
      ['with a description that is a list', 400, { description: [] }],
      ['in a domain with a strange id', 400, { domain_id: 'a b' }],
      ['in an unknown domain', 400, { domain_id: 'nowhere' }],
      ['beneath an unknown project', 400, { parent_id: 'nowhere' }],
      ['as a domain beneath a project', 400, { is_domain: true, parent_id: 'default' }],
      ['as a domain in a domain', 400, { is_domain: true, domain_id: 'default' }],
    ];
    for (const [what, status, attributes] of refused) {
      it(`is not created ${what}`, async () => {
        const answer = await call('POST', '/projects', { project: { name: unique('p'), ...attributes } });
        expect(answer.status, answer.text).to.equal(status);
      });
    }

    it('is not created from what is no project', async () => {
      const bodies = [{}, { project: null }, { project: [] }, { project: 'p' }];
      for (const body of bodies) expect(await statusOf('POST', '/projects', body)).to.equal(400);
      const two = { project: { name: unique('p') }, domain: {} };
      expect(await statusOf('POST', '/projects', two)).to.equal(400);
    });

    it('has a name of its own in its domain, also after a change', async () => {
      const one = await create('project');
      const two = await create('project');
      const again = await call('POST', '/projects', { project: { name: one.name } });
      expect(again.status).to.equal(409);
      expect(messageOf(again)).to.equal(
        'Conflict occurred attempting to store project - it is not permitted to have two projects with the same' +
          ` name in the same domain : ${one.name}`,
      );
      expect((await update('project', two.id, { name: one.name })).status).to.equal(409);
      expect(await create('project', { name: one.name, domain_id: tenancy.domain.id })).to.include({
        name: one.name,
      });
    });

    it('keeps id, domain, parent and kind', async () => {
      const { id, name } = await create('project');
      const statuses: number[] = [];
      const changes: Json[] = [
        { id: 'other' },
        { domain_id: tenancy.domain.id },
        { parent_id: tenancy.domain.id },
        { is_domain: true },
        { name: 'a?b' },
        {},
      ];
      for (const change of changes) statuses.push((await update('project', id, change)).status);
      expect(statuses).to.deep.equal([400, 400, 403, 400, 400, 400]);
      const same = { id, name, domain_id: 'default', parent_id: 'default', is_domain: false };
      expect((await update('project', id, same)).status).to.equal(200);
      expect((await update('project', 'nowhere', { name: 'x' })).status).to.equal(404);
    });
  });

  describe('a hierarchy', () => {
    let top: Json & Named;
    let middle: Json & Named;
    let leaf: Json & Named;
    let side: Json & Named;
    before(async () => {
      top = await create('project');
      middle = await create('project', { parent_id: top.id });
      leaf = await create('project', { parent_id: middle.id });
      side = await create('project', { parent_id: top.id });
    });

    it('is as deep as the configuration allows', async () => {
      const answer = await call('POST', '/projects', { project: { name: unique('p'), parent_id: leaf.id } });
      expect(answer.status).to.equal(403);
      expect(messageOf(answer)).to.equal(`Max hierarchy depth reached for ${leaf.id} branch.`);
    });

    it('lies in one domain', async () => {
      const place = { parent_id: top.id, domain_id: tenancy.domain.id };
      const answer = await call('POST', '/projects', { project: { name: unique('p'), ...place } });
      expect(answer.status).to.equal(400);
      const atTop = { parent_id: tenancy.domain.id, domain_id: 'default' };
      expect(await statusOf('POST', '/projects', { project: { name: unique('p'), ...atTop } })).to.equal(400);
    });

    it('is told as ids, to everybody who may see the project', async () => {
      const ask = async (id: string, query: string): Promise<Json> =>
        (await call('GET', `/projects/${id}?${query}`)).body['project'] as Json;
      expect((await ask(leaf.id, 'parents_as_ids'))['parents']).to.deep.equal({
        [middle.id]: { [top.id]: { default: null } },
      });
      expect((await ask(top.id, 'subtree_as_ids'))['subtree']).to.deep.equal({
        [middle.id]: { [leaf.id]: null },
        [side.id]: null,
      });
      expect(await ask(leaf.id, 'subtree_as_ids')).to.deep.include({ subtree: null });
      expect(await ask('default', 'parents_as_ids')).to.deep.include({ parents: null });
      const off = await ask(leaf.id, 'parents_as_ids=0&subtree_as_list=0');
      expect(off).not.to.have.any.keys('parents', 'subtree');
    });

    it('is told as a list of what the caller has a role on', async () => {
      const both = await call('GET', `/projects/${middle.id}?parents_as_list&subtree_as_list`);
      expect(both.body['project']).to.deep.include({ parents: [], subtree: [] });
      const { body } = await call('GET', '/users?name=admin');
      const [{ id }] = body['users'] as [Named];
      for (const project of [top, leaf]) await tenancy.grant('PUT', id, project.id);
      const fresh = await cloud.adminToken();
      const { body: seen } = await cloud.request(
        'GET',
        `/v3/projects/${middle.id}?parents_as_list=1&subtree_as_list=yes`,
        fresh,
      );
      expect(seen['project']).to.deep.include({
        parents: [{ project: top }],
        subtree: [{ project: leaf }],
      });
    });

    it('is told in one form at a time', async () => {
      for (const kind of ['parents', 'subtree']) {
        const query = `${kind}_as_list&${kind}_as_ids`;
        expect(await statusOf('GET', `/projects/${leaf.id}?${query}`)).to.equal(400);
      }
    });

    it('is disabled from below and enabled from above', async () => {
      const set = async ({ id }: Named, enabled: boolean): Promise<number> =>
        (await update('project', id, { enabled })).status;
      expect(await set(middle, false)).to.equal(403);
      expect(await set(leaf, false)).to.equal(200);
      expect(await set(middle, false)).to.equal(200);
      expect(await set(leaf, true)).to.equal(403);
      const below = await call('POST', '/projects', { project: { name: unique('p'), parent_id: middle.id } });
      expect(below.status).to.equal(400);
      expect(await set(middle, true)).to.equal(200);
      expect(await set(leaf, true)).to.equal(200);
    });

    it('is deleted from below', async () => {
      const answer = await call('DELETE', `/projects/${middle.id}`);
      expect(answer.status).to.equal(403);
      expect(messageOf(answer)).to.match(/not a leaf/);
      expect(await statusOf('DELETE', `/projects/${leaf.id}`)).to.equal(204);
      expect(await statusOf('DELETE', `/projects/${middle.id}`)).to.equal(204);
      expect(await statusOf('GET', `/projects/${leaf.id}`)).to.equal(404);
      expect(await statusOf('DELETE', `/projects/${leaf.id}`)).to.equal(404);
    });
  });

  describe('a domain', () => {
    it('is created, read, changed, disabled and deleted', async () => {
      const domain = await create('domain', { owner: 'o' });
      const { id, name } = domain;
      const links = { self: `${cloud.url}/v3/domains/${id}` };
      expect(domain).to.deep.equal({ id, name, enabled: true, description: '', owner: 'o', links });
      expect((await call('GET', `/domains/${id}`)).body).to.deep.equal({ domain });
      const changed = await update('domain', id, { description: 'd' });
      expect(changed.body).to.deep.equal({ domain: { ...domain, description: 'd' } });
      const early = await call('DELETE', `/domains/${id}`);
      expect(early.status).to.equal(403);
      expect(messageOf(early)).to.equal('Cannot delete a domain that is enabled, please disable it first.');
      expect((await update('domain', id, { enabled: false })).status).to.equal(200);
      expect(await statusOf('DELETE', `/domains/${id}`)).to.equal(204);
      expect(await statusOf('GET', `/domains/${id}`)).to.equal(404);
    });

    it('is a project too, and projects can be domains', async () => {
      const domain = await create('domain');
      const { body } = await call('GET', `/projects/${domain.id}`);
      expect(body['project']).to.include({ is_domain: true, domain_id: null, parent_id: null });
      const project = await create('project', { is_domain: true });
      expect(await statusOf('GET', `/domains/${project.id}`)).to.equal(200);
      expect(await statusOf('GET', `/domains/${tenancy.project.id}`)).to.equal(404);
      expect(await statusOf('DELETE', `/projects/${project.id}`)).to.equal(403);
      await update('project', project.id, { enabled: false });
      expect(await statusOf('DELETE', `/projects/${project.id}`)).to.equal(204);
    });

    it('takes nothing that only projects have', async () => {
      const domain = await create('domain', { is_domain: false, parent_id: 'default', domain_id: 'default' });
      expect(await find('domains', `?name=${domain.name}`)).to.deep.equal([domain.id]);
      const changes = { is_domain: false, parent_id: 'x', domain_id: 'y', description: 'd' };
      const { status, body } = await update('domain', domain.id, changes);
      expect(status).to.equal(200);
      expect(body).to.deep.equal({ domain: { ...domain, description: 'd' } });
    });

    it('has a name of its own, that is safe in URLs and is not that of federation', async () => {
      const { id, name } = await create('domain');
      const post = (wrong: unknown): Promise<number> =>
        statusOf('POST', '/domains', { domain: { name: wrong } });
      expect(await post(name)).to.equal(409);
      for (const wrong of ['', ' ', null, 7, 'd'.repeat(65), 'a:b', 'federated', 'Federated']) {
        expect(await post(wrong), String(wrong)).to.equal(400);
      }
      expect((await update('domain', id, { name: 'FEDERATED' })).status).to.equal(400);
      expect((await update('domain', id, { name: 'Default' })).status).to.equal(409);
      expect((await update('domain', id, { id: 'other' })).status).to.equal(400);
      expect((await update('domain', id, {})).status).to.equal(400);
    });

    it('goes with everything that is in it', async () => {
      const domain = await create('domain');
      const inside = { domain_id: domain.id };
      const user = await tenancy.user(inside);
      const group = await tenancy.create('group', inside);
      const role = await tenancy.create('role', inside);
      const parent = await create('project', inside);
      const child = await create('project', { ...inside, parent_id: parent.id });
      await tenancy.grant('PUT', user.id, child.id);
      await call('PUT', `/domains/${domain.id}/config`, { config: { ldap: { url: 'ldap://x' } } });
      await update('domain', domain.id, { enabled: false });
      expect(await statusOf('DELETE', `/domains/${domain.id}`)).to.equal(204);
      const gone = [
        `/users/${user.id}`,
        `/groups/${group.id}`,
        `/roles/${role.id}`,
        `/projects/${parent.id}`,
        `/projects/${child.id}`,
        `/domains/${domain.id}/config`,
      ];
      for (const path of gone) expect(await statusOf('GET', path), path).to.equal(404);
    });
  });

  describe('lists', () => {
    it('hold projects, or domains on request, and never the root of all', async () => {
      const project = await create('project');
      expect(await find('projects', `?name=${project.name}`)).to.deep.equal([project.id]);
      expect(await find('projects', '?name=Default')).to.deep.equal([]);
      expect(await find('projects', '?is_domain=true&name=Default')).to.deep.equal(['default']);
      expect(await find('projects', `?is_domain=1&name=${project.name}`)).to.deep.equal([]);
      expect(await find('projects', `?is_domain=0&name=${project.name}`)).to.deep.equal([project.id]);
      const name = encodeURIComponent(ROOT);
      for (const query of [`?name=${name}`, `?is_domain=1&name=${name}`, `?is_domain=1&domain_id=${name}`]) {
        expect(await find('projects', query), query).to.deep.equal([]);
      }
      expect(await find('domains', `?name=${name}`)).to.deep.equal([]);
      expect(await statusOf('GET', `/domains/${name}`)).to.equal(404);
      expect(await statusOf('GET', `/projects/${name}`)).to.equal(404);
      expect((await update('project', name, { name: 'x' })).status).to.equal(404);
      expect(await statusOf('DELETE', `/domains/${name}`)).to.equal(404);
      expect(
        await statusOf('POST', '/projects', { project: { name: unique('p'), parent_id: ROOT } }),
      ).to.equal(400);
    });

    it('are filtered by name, state, domain and parent', async () => {
      const prefix = unique('Filter');
      const one = await create('project', { name: `${prefix}-one` });
      const two = await create('project', { name: `${prefix}-two`, parent_id: one.id, enabled: false });
      const other = await create('project', { name: `${prefix}-one`, domain_id: tenancy.domain.id });
      expect(await find('projects', `?name=${prefix}-one`)).to.have.members([one.id, other.id]);
      expect(await find('projects', `?name=${prefix}-one&domain_id=default`)).to.deep.equal([one.id]);
      expect(await find('projects', `?parent_id=${one.id}`)).to.deep.equal([two.id]);
      expect(await find('projects', `?name__startswith=${prefix}&enabled=false`)).to.deep.equal([two.id]);
      expect(await find('projects', `?name__icontains=${prefix.toLowerCase()}`)).to.have.length(3);
      expect(await find('projects', `?name=${prefix}-one&description=x`)).to.have.length(2);
      const domain = await create('domain', { name: `${prefix}-domain`, enabled: false });
      expect(await find('domains', `?name__endswith=${prefix}-domain`)).to.deep.equal([domain.id]);
      expect(await find('domains', `?name=${domain.name}&enabled=True`)).to.deep.equal([]);
    });

    it('have links, and say when they are cut', async () => {
      const prefix = unique('cut');
      const { body } = await call('GET', `/projects?name=${prefix}&marker=x`);
      expect(body).to.deep.equal({
        projects: [],
        links: { self: `${cloud.url}/v3/projects?name=${prefix}&marker=x`, next: null, previous: null },
      });
      await Promise.all(
        Array.from({ length: 41 }, (_, index) => create('project', { name: `${prefix}-${index}` })),
      );
      const cut = await call('GET', `/projects?name__startswith=${prefix}`);
      expect(cut.body['projects']).to.have.length(40);
      expect(cut.body['truncated']).to.equal(true);
    });
  });
});
