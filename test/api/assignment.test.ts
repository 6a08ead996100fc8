/** Grants, inherited ones, lists of them, and what they do to tokens, over HTTP through the whole pipeline. */
import { expect } from 'chai';
import { withAdminToken } from '../support/paste.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, type Named, Tenancy, tokenOf, type UserWithPassword } from './tenancy.js';

const ADMIN_TOKEN = 'the-admin-token';
const INHERITED = { 'OS-INHERIT:inherited_to': 'projects' };

/** What the tests ask a cloud for. */
class Client {
  private constructor(
    readonly cloud: Cloud,
    readonly admin: string,
    readonly tenancy: Tenancy,
  ) {}

  static async start(...options: Parameters<typeof startCloud>): Promise<Client> {
    const cloud = await startCloud(...options);
    const admin = await cloud.adminToken();
    const tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
    return new Client(cloud, admin, tenancy);
  }

  call(method: string, path: string, body?: object, token: string | null = this.admin): Promise<Answer> {
    return this.cloud.request(method, `/v3${path}`, token, body);
  }

  async statuses(path: string, ...methods: string[]): Promise<number[]> {
    const found: number[] = [];
    for (const method of methods) found.push((await this.call(method, path)).status);
    return found;
  }

  async must(method: string, path: string, token: string | null = this.admin): Promise<Answer> {
    const answer = await this.call(method, path, undefined, token);
    expect(answer.status, `${method} ${path}: ${answer.text}`).to.be.within(200, 204);
    return answer;
  }

  role(attributes: Json = {}): Promise<Named> {
    return this.tenancy.create('role', attributes);
  }

  group(attributes: Json = {}): Promise<Named> {
    return this.tenancy.create('group', { domain_id: this.tenancy.domain.id, ...attributes });
  }

  async join(user: Named, group: Named): Promise<void> {
    await this.must('PUT', `/groups/${group.id}/users/${user.id}`);
  }

  async signIn({ id, password }: UserWithPassword, scope: object): Promise<string> {
    const identity = { methods: ['password'], password: { user: { id, password } } };
    return tokenOf(await this.call('POST', '/auth/tokens', { auth: { identity, scope } }, null));
  }

  async list(query: string, token = this.admin): Promise<Json[]> {
    const answer = await this.must('GET', `/role_assignments?${query}`, token);
    return answer.body['role_assignments'] as Json[];
  }
}

const messageOf = (answer: Answer): string => (answer.body['error'] as { message: string }).message;

describe('role assignments over HTTP', () => {
  let client: Client;
  let member: string;
  let tenancy: Tenancy;
  let v3: string;
  before(async function start() {
    this.timeout(120_000);
    client = await Client.start({});
    tenancy = client.tenancy;
    v3 = `${client.cloud.url}/v3`;
    const { alice } = tenancy;
    member = await client.cloud.token(alice.id, alice.password);
  });
  after(() => client.cloud.stop());

  interface Place {
    readonly scope: 'project' | 'domain';
    readonly actor: 'user' | 'group';
    readonly inherited: boolean;
  }

  const places = (['project', 'domain'] as const).flatMap((scope) =>
    (['user', 'group'] as const).flatMap((actor) =>
      [false, true].map((inherited) => ({ scope, actor, inherited })),
    ),
  );
  const collection = ({ scope, actor, inherited }: Place, target: string, who: string): string =>
    `${inherited ? '/OS-INHERIT' : ''}/${scope}s/${target}/${actor}s/${who}/roles`;
  const grantPath = (place: Place, target: string, who: string, role: string): string =>
    `${collection(place, target, who)}/${role}${place.inherited ? '/inherited_to_projects' : ''}`;
  const listPath = (place: Place, target: string, who: string): string =>
    `${collection(place, target, who)}${place.inherited ? '/inherited_to_projects' : ''}`;

  for (const place of places) {
    const { scope, actor, inherited } = place;
    describe(`a role of a ${actor} on a ${scope}${inherited ? ', inherited' : ''}`, () => {
      const make = async (): Promise<{ target: Named; who: Named; role: Named }> => ({
        target: scope === 'project' ? await tenancy.newProject() : await tenancy.newDomain(),
        who: actor === 'user' ? await tenancy.user() : await client.group(),
        role: await client.role(),
      });
      const hasList = !(scope === 'project' && inherited);

      it('is given, found, listed and taken away', async () => {
        const { target, who, role } = await make();
        const path = grantPath(place, target.id, who.id, role.id);
        expect(await client.statuses(path, 'GET', 'HEAD', 'DELETE')).to.deep.equal([404, 404, 404]);
        const made = await client.call('PUT', path);
        expect([made.status, made.text]).to.deep.equal([204, '']);
        expect(await client.statuses(path, 'PUT', 'GET', 'HEAD')).to.deep.equal([204, 204, 204]);
        if (hasList) {
          const all = await client.must('GET', listPath(place, target.id, who.id));
          expect(all.body).to.deep.equal({
            roles: [
              { id: role.id, name: role.name, domain_id: null, links: { self: `${v3}/roles/${role.id}` } },
            ],
            links: { next: null, previous: null, self: `${v3}${listPath(place, target.id, who.id)}` },
          });
          expect((await client.call('HEAD', listPath(place, target.id, who.id))).status).to.equal(200);
        } else {
          expect((await client.call('GET', listPath(place, target.id, who.id))).status).to.equal(404);
        }
        // The other of the two is another grant.
        const other = grantPath({ ...place, inherited: !inherited }, target.id, who.id, role.id);
        expect(await client.statuses(other, 'GET')).to.deep.equal([404]);
        expect(await client.statuses(path, 'DELETE', 'DELETE', 'GET')).to.deep.equal([204, 404, 404]);
      });

      it('needs all that it names', async () => {
        const { target, who, role } = await make();
        for (const [at, whose, what, text] of [
          ['none', who.id, role.id, `Could not find ${scope}: none`],
          [target.id, 'none', role.id, `Could not find ${actor}: none`],
          [target.id, who.id, 'none', 'Could not find role: none'],
        ] as const) {
          const path = grantPath(place, at, whose, what);
          for (const method of ['PUT', 'GET']) {
            const answer = await client.call(method, path);
            expect(answer.status, `${method} ${path}`).to.equal(404);
            expect(messageOf(answer)).to.contain(text);
          }
          expect((await client.call('DELETE', path)).status).to.equal(404);
          if (hasList && what !== 'none') {
            expect((await client.call('GET', listPath(place, at, whose))).status).to.equal(404);
          }
        }
      });

      it('is for administrators', async () => {
        const { target, who, role } = await make();
        const path = grantPath(place, target.id, who.id, role.id);
        const paths = [
          ...['PUT', 'GET', 'HEAD', 'DELETE'].map((method) => [method, path] as const),
          ...(hasList
            ? ['GET', 'HEAD'].map((method) => [method, listPath(place, target.id, who.id)] as const)
            : []),
          ['PUT', grantPath(place, 'none', who.id, role.id)] as const,
        ];
        for (const [method, where] of paths) {
          const anonymous = await client.call(method, where, undefined, null);
          expect(anonymous.status, `${method} ${where}`).to.equal(401);
          expect(anonymous.headers.get('WWW-Authenticate')).to.equal(`Keystone uri="${client.cloud.url}"`);
          expect((await client.call(method, where, undefined, member)).status, `${method} ${where}`).to.equal(
            403,
          );
        }
        expect(await client.statuses(path, 'GET')).to.deep.equal([404]);
      });
    });
  }

  it('of a user who is gone goes with the user', async () => {
    const [user, role, { project }] = [await tenancy.user(), await client.role(), tenancy];
    const path = `/projects/${project.id}/users/${user.id}/roles/${role.id}`;
    await client.must('PUT', path);
    await client.must('DELETE', `/users/${user.id}`);
    expect(await client.list(`role.id=${role.id}`)).to.deep.equal([]);
    expect(messageOf(await client.call('DELETE', path))).to.contain('Could not find role assignment');
  });

  it('of a domain-specific role stays in its domain', async () => {
    const { domain, project, alice } = tenancy;
    const elsewhere = await tenancy.newProject({ domain_id: 'default' });
    const role = await client.role({ domain_id: domain.id });
    const put = (where: string): Promise<number[]> =>
      client.statuses(`${where}/users/${alice.id}/roles/${role.id}`, 'PUT');
    expect(await put(`/projects/${project.id}`)).to.deep.equal([204]);
    expect(await put(`/domains/${domain.id}`)).to.deep.equal([204]);
    const refused = await client.call('PUT', `/projects/${elsewhere.id}/users/${alice.id}/roles/${role.id}`);
    expect(refused.status).to.equal(403);
    expect(messageOf(refused)).to.contain(elsewhere.id).and.contain(role.id);
  });

  describe('the projects of a user', () => {
    it('are those on which the user has any role, filtered', async () => {
      const [user, role, group] = [await tenancy.user(), await client.role(), await client.group()];
      await client.join(user, group);
      const parent = await tenancy.newProject();
      const child = await tenancy.newProject({ parent_id: parent.id });
      const off = await tenancy.newProject({ enabled: false });
      await client.must(
        'PUT',
        `/OS-INHERIT/projects/${parent.id}/groups/${group.id}/roles/${role.id}/inherited_to_projects`,
      );
      await tenancy.grant('PUT', user.id, off.id, role.id);
      const find = async (query = '', token = client.admin): Promise<string[]> => {
        const { body } = await client.must('GET', `/users/${user.id}/projects${query}`, token);
        return (body['projects'] as Named[]).map(({ id }) => id).sort();
      };
      const own = await client.cloud.token(user.id, user.password);
      expect(await find('', own)).to.deep.equal([child.id, off.id].sort());
      expect(await find('?enabled=false')).to.deep.equal([off.id]);
      expect(await find(`?name=${child.name}`)).to.deep.equal([child.id]);
      expect(await find('?domain_id=none')).to.deep.equal([]);
      const { body } = await client.must('GET', `/users/${user.id}/projects?name=${child.name}`);
      expect(body['links']).to.deep.equal({
        next: null,
        previous: null,
        self: `${v3}/users/${user.id}/projects?name=${child.name}`,
      });
      expect((body['projects'] as Json[])[0]?.['links']).to.deep.equal({
        self: `${v3}/projects/${child.id}`,
      });
      expect((await client.call('HEAD', `/users/${user.id}/projects`)).status).to.equal(200);
    });

    it('are for the user and for administrators', async () => {
      const other = await tenancy.user();
      const path = `/users/${other.id}/projects`;
      expect((await client.call('GET', path, undefined, null)).status).to.equal(401);
      expect((await client.call('GET', path, undefined, member)).status).to.equal(403);
      expect((await client.call('GET', '/users/none/projects', undefined, member)).status).to.equal(403);
      expect((await client.call('GET', '/users/none/projects')).status).to.equal(404);
    });
  });

  describe('a list', () => {
    let top: Named;
    let child: Named;
    let user: UserWithPassword;
    let mate: UserWithPassword;
    let group: Named;
    let [direct, implied, down]: Named[] = [];
    let domain: Named;
    before(async () => {
      domain = await tenancy.newDomain();
      const domain_id = domain.id;
      top = await tenancy.newProject({ domain_id });
      child = await tenancy.newProject({ domain_id, parent_id: top.id });
      user = await tenancy.user({ domain_id });
      mate = await tenancy.user({ domain_id });
      group = await client.group({ domain_id });
      for (const one of [user, mate]) await client.join(one, group);
      direct = await client.role();
      implied = await client.role();
      down = await client.role();
      await client.must('PUT', `/roles/${direct.id}/implies/${implied.id}`);
      await tenancy.grant('PUT', user.id, child.id, direct.id);
      await client.must('PUT', `/domains/${domain_id}/groups/${group.id}/roles/${direct.id}`);
      await client.must(
        'PUT',
        `/OS-INHERIT/domains/${domain_id}/groups/${group.id}/roles/${down.id}/inherited_to_projects`,
      );
    });

    it('shows what is stored', async () => {
      expect(await client.list(`user.id=${user.id}`)).to.deep.equal([
        {
          role: { id: direct?.id },
          user: { id: user.id },
          scope: { project: { id: child.id } },
          links: { assignment: `${v3}/projects/${child.id}/users/${user.id}/roles/${direct?.id}` },
        },
      ]);
      const inherited = {
        role: { id: down?.id },
        group: { id: group.id },
        scope: { domain: { id: domain.id }, ...INHERITED },
        links: {
          assignment: `${v3}/OS-INHERIT/domains/${domain.id}/groups/${group.id}/roles/${down?.id}/inherited_to_projects`,
        },
      };
      const plain = {
        role: { id: direct?.id },
        group: { id: group.id },
        scope: { domain: { id: domain.id } },
        links: { assignment: `${v3}/domains/${domain.id}/groups/${group.id}/roles/${direct?.id}` },
      };
      for (const query of [`group.id=${group.id}`, `scope.domain.id=${domain.id}`]) {
        expect(await client.list(query)).to.have.deep.members([inherited, plain]);
        expect(await client.list(`${query}&scope.OS-INHERIT:inherited_to=projects`)).to.deep.equal([
          inherited,
        ]);
        expect(await client.list(`${query}&scope.OS-INHERIT:inherited_to=none`)).to.deep.equal([plain]);
        expect(await client.list(`${query}&role.id=${down?.id}`)).to.deep.equal([inherited]);
      }
      expect(await client.list(`role.id=${down?.id}`)).to.deep.equal([inherited]);
      expect(await client.list(`user.id=${mate.id}`)).to.deep.equal([]);
      for (const query of ['user.id=none', 'group.id=none', 'role.id=none', 'scope.project.id=none']) {
        expect(await client.list(query), query).to.deep.equal([]);
      }
    });

    it('shows everything without a filter, and has links of its own', async () => {
      const { body } = await client.must('GET', '/role_assignments?user.id=');
      expect(body['links']).to.deep.equal({
        next: null,
        previous: null,
        self: `${v3}/role_assignments?user.id=`,
      });
      expect((body['role_assignments'] as Json[]).length).to.be.greaterThan(5);
      const head = await client.must('HEAD', '/role_assignments');
      expect([head.status, head.text]).to.deep.equal([200, '']);
    });

    it('shows the subtree of a project', async () => {
      expect(await client.list(`scope.project.id=${top.id}`)).to.deep.equal([]);
      const found = await client.list(`scope.project.id=${top.id}&include_subtree`);
      expect(found.map(({ scope }) => scope)).to.deep.equal([{ project: { id: child.id } }]);
      expect(await client.list(`scope.project.id=${top.id}&include_subtree=0`)).to.deep.equal([]);
    });

    it('shows what is in effect, and where it comes from', async () => {
      const grant = `${v3}/projects/${child.id}/users/${user.id}/roles/${direct?.id}`;
      const ofGroup = (id: string, projectId: string): object => ({
        role: { id: down?.id },
        user: { id },
        scope: { project: { id: projectId }, ...INHERITED },
        links: {
          assignment: `${v3}/OS-INHERIT/domains/${domain.id}/groups/${group.id}/roles/${down?.id}/inherited_to_projects`,
          membership: `${v3}/groups/${group.id}/users/${id}`,
        },
      });
      const onChild = [
        {
          role: { id: direct?.id },
          user: { id: user.id },
          scope: { project: { id: child.id } },
          links: { assignment: grant },
        },
        {
          role: { id: implied?.id },
          user: { id: user.id },
          scope: { project: { id: child.id } },
          links: {
            assignment: grant,
            prior_role: `${v3}/prior_role/${implied?.id}/implies/${direct?.id}`,
          },
        },
        ofGroup(user.id, child.id),
        ofGroup(mate.id, child.id),
      ];
      expect(await client.list(`scope.project.id=${child.id}&effective`)).to.have.deep.members(onChild);
      expect(await client.list(`scope.project.id=${child.id}&effective=0`)).to.have.length(1);
      expect(
        await client.list(`scope.project.id=${top.id}&effective&include_subtree&role.id=${down?.id}`),
      ).to.have.deep.members([...onChild.slice(2), ofGroup(user.id, top.id), ofGroup(mate.id, top.id)]);
      expect(await client.list(`scope.project.id=${child.id}&effective&user.id=${mate.id}`)).to.deep.equal([
        ofGroup(mate.id, child.id),
      ]);
      const onDomain = await client.list(`scope.domain.id=${domain.id}&effective&user.id=${mate.id}`);
      const membership = `${v3}/groups/${group.id}/users/${mate.id}`;
      const assignment = `${v3}/domains/${domain.id}/groups/${group.id}/roles/${direct?.id}`;
      expect(onDomain.map(({ links }) => links)).to.have.deep.members([
        { assignment, membership },
        { assignment, membership, prior_role: `${v3}/prior_role/${implied?.id}/implies/${direct?.id}` },
      ]);
    });

    it('gives names to all that it shows', async () => {
      const inDomain = { id: domain.id, name: domain.name };
      expect(await client.list(`user.id=${user.id}&include_names`)).to.deep.equal([
        {
          role: { id: direct?.id, name: direct?.name },
          user: { id: user.id, name: user.name, domain: inDomain },
          scope: { project: { id: child.id, name: child.name, domain: inDomain } },
          links: { assignment: `${v3}/projects/${child.id}/users/${user.id}/roles/${direct?.id}` },
        },
      ]);
      const [named] = await client.list(`group.id=${group.id}&role.id=${down?.id}&include_names=1`);
      expect(named).to.deep.include({
        group: { id: group.id, name: group.name, domain: inDomain },
        scope: { domain: inDomain, ...INHERITED },
      });
      const [effective] = await client.list(
        `user.id=${mate.id}&effective&include_names&scope.project.id=${child.id}`,
      );
      expect(effective).to.deep.include({
        user: { id: mate.id, name: mate.name, domain: inDomain },
        scope: { project: { id: child.id, name: child.name, domain: inDomain }, ...INHERITED },
      });
      expect(effective).to.have.nested.property(
        'links.membership',
        `${v3}/groups/${group.id}/users/${mate.id}`,
      );
    });

    const refused: [query: string, status: number, text: RegExp][] = [
      ['user.id=a&group.id=b', 400, /user or group, not both/],
      ['scope.project.id=a&scope.domain.id=b', 400, /domain or project, not both/],
      ['effective&group.id=a', 400, /effective and group/],
      [
        'effective&scope.domain.id=a&scope.OS-INHERIT:inherited_to=projects',
        400,
        /effective, domain and inherited/,
      ],
      ['include_subtree', 400, /scope\.project\.id must be specified/],
      ['include_subtree&scope.project.id=', 400, /scope\.project\.id must be specified/],
      ['include_subtree&scope.project.id=none', 404, /Could not find project: none/],
      ['effective&scope.project.id=none', 404, /Could not find project: none/],
      ['effective&user.id=none', 404, /Could not find user: none/],
    ];
    for (const [query, status, text] of refused) {
      it(`is refused with ${status} for ${query}`, async () => {
        const answer = await client.call('GET', `/role_assignments?${query}`);
        expect(answer.status, answer.text).to.equal(status);
        expect(messageOf(answer)).to.match(text);
      });
    }

    it('is for administrators', async () => {
      for (const query of [
        '',
        '?include_subtree',
        '?include_subtree&scope.project.id=none',
        '?effective&user.id=none',
      ]) {
        for (const method of ['GET', 'HEAD']) {
          expect((await client.call(method, `/role_assignments${query}`, undefined, null)).status).to.equal(
            401,
          );
          expect((await client.call(method, `/role_assignments${query}`, undefined, member)).status).to.equal(
            403,
          );
        }
      }
    });
  });

  describe('a token', () => {
    const isGood = async (token: string): Promise<boolean> =>
      (await client.call('GET', '/auth/catalog', undefined, token)).status === 200;

    it('ends with the grant that it stands on, and no other does', async () => {
      const { alice } = tenancy;
      const [one, two] = [await tenancy.newProject(), await tenancy.newProject()];
      for (const project of [one, two]) await tenancy.grant('PUT', alice.id, project.id);
      const lost = await client.signIn(alice, { project: { id: one.id } });
      const kept = await client.signIn(alice, { project: { id: two.id } });
      expect([await isGood(lost), await isGood(kept)]).to.deep.equal([true, true]);
      await tenancy.grant('DELETE', alice.id, one.id);
      expect([await isGood(lost), await isGood(kept)]).to.deep.equal([false, true]);
      expect((await client.call('GET', '/auth/catalog', undefined, lost)).status).to.equal(401);
    });

    it('ends with what it inherits through a group', async () => {
      const [user, group, role] = [await tenancy.user(), await client.group(), await client.role()];
      await client.join(user, group);
      const { project, domain } = tenancy;
      const path = `/OS-INHERIT/domains/${domain.id}/groups/${group.id}/roles/${role.id}/inherited_to_projects`;
      await client.must('PUT', path);
      const token = await client.signIn(user, { project: { id: project.id } });
      expect(await isGood(token)).to.equal(true);
      await client.must('DELETE', path);
      expect(await isGood(token)).to.equal(false);
      const { body } = await client.must('GET', '/OS-REVOKE/events');
      const [event] = (body['events'] as Json[]).filter(({ role_id: id }) => id === role.id);
      expect(event).to.include({ user_id: user.id, domain_id: domain.id });
    });

    it('goes on when more is granted', async () => {
      const [user, role] = [await tenancy.user(), await client.role()];
      const { project } = tenancy;
      await tenancy.grant('PUT', user.id, project.id);
      const token = await client.signIn(user, { project: { id: project.id } });
      await tenancy.grant('PUT', user.id, project.id, role.id);
      expect(await isGood(token)).to.equal(true);
    });
  });
});

describe('role assignments under other rules', () => {
  let client: Client;
  let tenancy: Tenancy;
  let domainAdmin: string;
  let projectAdmin: string;
  before(async function start() {
    this.timeout(120_000);
    const policy = new URL('../../etc/policy.v3cloudsample.json', import.meta.url).pathname;
    client = await Client.start(
      {
        DEFAULT: [`admin_token = ${ADMIN_TOKEN}`],
        oslo_policy: [`policy_file = ${policy}`],
        os_inherit: ['enabled = False'],
        resource: ['admin_project_name = admin', 'admin_project_domain_name = Default'],
      },
      withAdminToken,
    );
    tenancy = client.tenancy;
    const { alice, domain, project } = tenancy;
    const admin = await tenancy.roleNamed('admin');
    await client.must('PUT', `/domains/${domain.id}/users/${alice.id}/roles/${admin}`);
    domainAdmin = await client.signIn(alice, { domain: { id: domain.id } });
    const carol = await tenancy.user();
    await tenancy.grant('PUT', carol.id, project.id, admin);
    projectAdmin = await client.signIn(carol, { project: { id: project.id } });
  });
  after(() => client.cloud.stop());

  const statusFor = async (token: string, query: string): Promise<number> =>
    (await client.call('GET', `/role_assignments${query}`, undefined, token)).status;

  it('are listed by those whom the filters of the query concern', async () => {
    const { project, domain } = tenancy;
    const elsewhere = await tenancy.newProject({ domain_id: 'default' });
    const cases: [query: string, domainAdmin: number, projectAdmin: number][] = [
      ['', 403, 403],
      ['?effective', 403, 403],
      [`?scope.domain.id=${domain.id}`, 200, 403],
      ['?scope.domain.id=default', 403, 403],
      [`?scope.project.id=${project.id}`, 403, 200],
      [`?scope.project.id=${elsewhere.id}`, 403, 403],
      [`?scope.project.id=${project.id}&include_subtree`, 200, 403],
      [`?scope.project.id=${elsewhere.id}&include_subtree`, 403, 403],
      ['?scope.project.id=none&include_subtree', 403, 403],
      [`?scope.domain.id=${domain.id}&include_subtree`, 403, 403],
      [`?scope.domain.id=${domain.id}&scope.domain.id=default`, 403, 403],
      [`?scope.domain.id=${domain.id}&scope.project.id=${elsewhere.id}`, 400, 403],
      [`?domain_id=${domain.id}&target.project.domain_id=${domain.id}&include_subtree`, 403, 403],
    ];
    for (const [query, ofDomain, ofProject] of cases) {
      expect(await statusFor(domainAdmin, query), `domain admin: ${query}`).to.equal(ofDomain);
      expect(await statusFor(projectAdmin, query), `project admin: ${query}`).to.equal(ofProject);
      expect(await statusFor(client.admin, query), `cloud admin: ${query}`).not.to.equal(403);
    }
  });

  it('are given by administrators of the domain, with global roles and those of the domain', async () => {
    const { alice, domain, project } = tenancy;
    const elsewhere = await tenancy.newProject({ domain_id: 'default' });
    const [global, own, foreign] = [
      await client.role(),
      await client.role({ domain_id: domain.id }),
      await client.role({ domain_id: 'default' }),
    ];
    const put = async (token: string, where: string, role: Named): Promise<number> =>
      (await client.call('PUT', `${where}/users/${alice.id}/roles/${role.id}`, undefined, token)).status;
    expect(await put(domainAdmin, `/projects/${project.id}`, global)).to.equal(204);
    expect(await put(domainAdmin, `/projects/${project.id}`, own)).to.equal(204);
    expect(await put(domainAdmin, `/domains/${domain.id}`, global)).to.equal(204);
    expect(await put(domainAdmin, `/projects/${project.id}`, foreign)).to.equal(403);
    expect(await put(domainAdmin, `/projects/${elsewhere.id}`, global)).to.equal(403);
    expect(await put(projectAdmin, `/projects/${project.id}`, global)).to.equal(204);
    expect(await put(projectAdmin, `/domains/${domain.id}`, global)).to.equal(403);
  });

  it('are given with the admin token, to those who exist', async () => {
    const { alice, project } = tenancy;
    const [role, group] = [await client.role(), await client.group()];
    const put = async (who: string): Promise<number> =>
      (await client.call('PUT', `/projects/${project.id}/${who}/roles/${role.id}`, undefined, ADMIN_TOKEN))
        .status;
    expect(await put(`users/${alice.id}`)).to.equal(204);
    expect(await put(`groups/${group.id}`)).to.equal(204);
    expect(await put('users/none')).to.equal(404);
    expect(await put('groups/none')).to.equal(404);
    expect(await client.list(`role.id=${role.id}`)).to.have.length(2);
    expect(await client.list('', ADMIN_TOKEN)).not.to.deep.equal([]);
  });

  it('are not inherited while os_inherit is off: there are no such routes', async () => {
    const { alice, domain, project, role } = tenancy;
    for (const [kind, id] of [
      ['domains', domain.id],
      ['projects', project.id],
    ] as const) {
      const path = `/OS-INHERIT/${kind}/${id}/users/${alice.id}/roles/${role.id}/inherited_to_projects`;
      for (const method of ['PUT', 'GET', 'HEAD', 'DELETE']) {
        expect((await client.call(method, path)).status, `${method} ${path}`).to.equal(404);
      }
    }
    expect(await client.list(`user.id=${alice.id}&scope.OS-INHERIT:inherited_to=projects`)).to.deep.equal([]);
    expect(await client.list(`user.id=${alice.id}&effective`)).not.to.deep.equal([]);
  });
});
