import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { createPeople, type Entity, type People, type Person, tokenOf } from './people.js';

const TRUSTS = '/v3/OS-TRUST/trusts';
const HOUR = 3_600_000;

describe('trusts over HTTP', function limited() {
  this.timeout(120_000);
  let cloud: Cloud;
  let people: People;
  let trustor: Person;
  let trustee: Person;
  let project: Entity;
  let role: Entity;
  let other: Entity;
  let trustorToken: string;
  let lastExpiry: number;

  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud();
    people = await createPeople(cloud);
    trustor = await people.user();
    trustee = await people.user();
    project = await people.project();
    role = await people.role({ description: 'delegated', colour: 'red' });
    other = await people.role();
    await people.grant(trustor, project, role, other);
    trustorToken = await people.tokenFor(trustor, project);
    lastExpiry = Date.now() + HOUR;
  });
  after(() => cloud.stop());

  /** Two trusts of the same parties that differ in nothing are one too many: no two end in the same second. */
  const nextExpiry = (): string => new Date((lastExpiry += 1000)).toISOString();
  const wanted = (attributes: object = {}): object => ({
    trust: {
      trustor_user_id: trustor.id,
      trustee_user_id: trustee.id,
      project_id: project.id,
      impersonation: true,
      roles: [{ id: role.id }],
      expires_at: nextExpiry(),
      ...attributes,
    },
  });
  const ask = (attributes: object = {}, token = trustorToken): Promise<Answer> =>
    cloud.request('POST', TRUSTS, token, wanted(attributes));
  const create = (attributes: object = {}, token = trustorToken): Promise<Entity> =>
    people.must(token, 'POST', TRUSTS, wanted(attributes), 'trust');
  const scope = (trust: Entity): object => ({ 'OS-TRUST:trust': { id: trust.id } });
  const use = (trust: Entity, person = trustee): Promise<Answer> => people.authenticate(person, scope(trust));
  const validate = (token: string): Promise<Response> =>
    fetch(`${cloud.url}/v3/auth/tokens`, {
      headers: { 'X-Auth-Token': people.admin, 'X-Subject-Token': token },
    });

  describe('creating one', () => {
    it('answers with all that the API promises', async () => {
      const expiry = nextExpiry();
      const trust = await create({
        expires_at: expiry,
        note: 'kept',
        deleted_at: 'x',
        redelegated_trust_id: 'x',
      });
      expect(trust).to.deep.equal({
        id: trust.id,
        trustor_user_id: trustor.id,
        trustee_user_id: trustee.id,
        project_id: project.id,
        impersonation: true,
        expires_at: `${expiry.slice(0, 23)}000Z`,
        deleted_at: null,
        remaining_uses: null,
        redelegation_count: 0,
        note: 'kept',
        roles: [
          {
            id: role.id,
            name: role.name,
            domain_id: null,
            description: 'delegated',
            colour: 'red',
            links: { self: `${cloud.url}/v3/roles/${role.id}` },
          },
        ],
        roles_links: { self: `${cloud.url}${TRUSTS}/${trust.id}/roles`, next: null, previous: null },
        links: { self: `${cloud.url}${TRUSTS}/${trust.id}` },
      });
      const got = await people.must(trustorToken, 'GET', `${TRUSTS}/${trust.id}`, undefined, 'trust');
      expect(got).to.deep.equal(trust);
    });

    it('takes roles by name', async () => {
      const trust = await create({ roles: [{ name: role.name }, { id: other.id }] });
      expect((trust['roles'] as Entity[]).map(({ id }) => id)).to.have.members([role.id, other.id]);
    });

    it('takes an expiry without a zone as UTC', async () => {
      const expiry = nextExpiry().slice(0, 19);
      expect(await create({ expires_at: expiry })).to.include({ expires_at: `${expiry}.000000Z` });
    });

    const refused: readonly (readonly [string, number, () => object | Promise<object>])[] = [
      ['for another trustor', 403, () => ({ trustor_user_id: trustee.id })],
      ['on a project without roles', 403, () => ({ roles: [] })],
      ['on a project with roles left out', 403, () => ({ roles: undefined })],
      [
        'with a role that the trustor does not hold',
        404,
        async () => ({ roles: [{ id: (await people.role()).id }] }),
      ],
      ['with a role name that nobody has', 404, () => ({ roles: [{ name: 'nobody' }] })],
      ['with a role that is neither id nor name', 400, () => ({ roles: [{}] })],
      ['with roles that are no list', 400, () => ({ roles: 'member' })],
      ['for an unknown trustee', 404, () => ({ trustee_user_id: 'f'.repeat(32) })],
      ['on an unknown project', 404, () => ({ project_id: 'f'.repeat(32) })],
      ['with roles but no project', 404, () => ({ project_id: null })],
      ['with impersonation as text', 400, () => ({ impersonation: 'true' })],
      ['without impersonation', 400, () => ({ impersonation: undefined })],
      ['with no uses', 400, () => ({ remaining_uses: 0 })],
      ['with uses as text', 400, () => ({ remaining_uses: '3' })],
      ['with a time that is none', 400, () => ({ expires_at: 'tomorrow' })],
      ['that has expired', 400, () => ({ expires_at: '2016-01-01T00:00:00Z' })],
      ['redelegated too often', 403, () => ({ allow_redelegation: true, redelegation_count: 4 })],
      ['with uses and redelegation', 400, () => ({ allow_redelegation: true, remaining_uses: 2 })],
    ];
    for (const [what, status, attributes] of refused) {
      it(`is refused with ${status} ${what}`, async () => {
        const answer = await ask(await attributes());
        expect(answer.status, answer.text).to.equal(status);
      });
    }

    it('is refused with 409 when there is one that differs in nothing', async () => {
      const expiry = nextExpiry();
      await create({ expires_at: expiry });
      expect((await ask({ expires_at: expiry })).status).to.equal(409);
    });

    it('needs a token', async () => {
      expect((await cloud.request('POST', TRUSTS, null, wanted())).status).to.equal(401);
    });

    it('counts how often it may be passed on', async () => {
      expect(await create({ allow_redelegation: true })).to.include({ redelegation_count: 3 });
      expect(await create({ allow_redelegation: true, redelegation_count: 1 })).to.include({
        redelegation_count: 1,
      });
      expect(await create({ allow_redelegation: true, redelegation_count: 0 })).to.include({
        redelegation_count: 0,
      });
      expect(await create({ redelegation_count: 2 })).to.include({ redelegation_count: 0 });
    });
  });

  describe('a token of one', () => {
    it('is the trustor’s with impersonation, and holds full role objects', async () => {
      const trust = await create();
      const answer = await use(trust);
      expect(answer.status, answer.text).to.equal(201);
      const token = answer.body['token'] as Record<string, unknown>;
      expect(token['user']).to.include({ id: trustor.id });
      expect(token['project']).to.include({ id: project.id });
      expect(token['OS-TRUST:trust']).to.deep.equal({
        id: trust.id,
        impersonation: true,
        trustor_user: { id: trustor.id },
        trustee_user: { id: trustee.id },
      });
      expect(token['roles']).to.deep.equal([
        { id: role.id, name: role.name, domain_id: null, description: 'delegated', colour: 'red' },
      ]);
      expect((await validate(tokenOf(answer))).status).to.equal(200);
    });

    it('is the trustee’s without impersonation', async () => {
      const answer = await use(await create({ impersonation: false }));
      expect((answer.body['token'] as Record<string, unknown>)['user']).to.include({ id: trustee.id });
    });

    it('holds implied roles too, and those of a domain only by what they imply', async () => {
      const implied = await people.role();
      const ofDomain = await people.role({ domain_id: 'default' });
      await people.must(people.admin, 'PUT', `/v3/roles/${ofDomain.id}/implies/${implied.id}`);
      const owner = await people.user();
      await people.grant(owner, project, ofDomain);
      const body = wanted({ trustor_user_id: owner.id, roles: [{ id: ofDomain.id }] });
      const trust = await people.must(await people.tokenFor(owner, project), 'POST', TRUSTS, body, 'trust');
      const { roles } = (await use(trust)).body['token'] as { roles: Entity[] };
      expect(roles.map(({ id }) => id)).to.deep.equal([implied.id]);
    });

    it('is refused to everybody but the trustee', async () => {
      const trust = await create();
      expect((await use(trust, trustor)).status).to.equal(403);
      expect((await use({ id: 'f'.repeat(32), name: '' })).status).to.equal(401);
    });

    it('makes no other token', async () => {
      const id = tokenOf(await use(await create()));
      const auth = { identity: { methods: ['token'], token: { id } } };
      expect((await cloud.request('POST', '/v3/auth/tokens', null, { auth })).status).to.equal(403);
    });

    it('is refused, and stops working, when the trustor has lost a role', async () => {
      const lost = await people.role();
      await people.grant(trustor, project, lost);
      const trust = await create(
        { roles: [{ id: role.id }, { id: lost.id }] },
        await people.tokenFor(trustor, project),
      );
      const token = tokenOf(await use(trust));
      await people.must(
        people.admin,
        'DELETE',
        `/v3/projects/${project.id}/users/${trustor.id}/roles/${lost.id}`,
      );
      expect((await use(trust)).status).to.equal(403);
      expect((await validate(token)).status).to.equal(404);
      trustorToken = await people.tokenFor(trustor, project);
    });

    it('stops working when the trust is deleted', async () => {
      const trust = await create();
      const token = tokenOf(await use(trust));
      await people.must(trustorToken, 'DELETE', `${TRUSTS}/${trust.id}`);
      expect((await validate(token)).status).to.equal(404);
      expect((await use(trust)).status).to.equal(401);
      expect((await cloud.request('GET', `${TRUSTS}/${trust.id}`, trustorToken)).status).to.equal(404);
    });

    it('is given exactly as often as the trust has uses, however many ask at once', async () => {
      const trust = await create({ remaining_uses: 3 });
      const answers = await Promise.all(Array.from({ length: 12 }, () => use(trust)));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).to.have.length(3);
      expect(new Set(statuses.filter((status) => status !== 201))).to.satisfy((rest: Set<number>) =>
        [...rest].every((status) => status === 401 || status === 403),
      );
      expect((await use(trust)).status).to.equal(401);
    });

    it('is refused as malformed, and costs no use, where the trust has no project', async () => {
      const trust = await create({ project_id: undefined, roles: undefined, remaining_uses: 1 });
      const answer = await use(trust);
      expect(answer.status, answer.text).to.equal(400);
      expect(answer.text).to.contain('A trust without a project');
      const left = await people.must(trustorToken, 'GET', `${TRUSTS}/${trust.id}`, undefined, 'trust');
      expect(left).to.include({ project_id: null, remaining_uses: 1 });
    });

    it('costs no use when it is refused', async () => {
      const trust = await create({ remaining_uses: 1 });
      expect((await use(trust, trustor)).status).to.equal(403);
      expect(await people.must(trustorToken, 'GET', `${TRUSTS}/${trust.id}`, undefined, 'trust')).to.include({
        remaining_uses: 1,
      });
      expect((await use(trust)).status).to.equal(201);
    });
  });

  describe('redelegation', () => {
    let third: Person;
    before(async () => {
      third = await people.user();
    });

    async function chain(parent: object = {}): Promise<{ parent: Entity; token: string }> {
      const trust = await create({
        allow_redelegation: true,
        roles: [{ id: role.id }, { id: other.id }],
        ...parent,
      });
      return { parent: trust, token: tokenOf(await use(trust)) };
    }
    const passOn = (token: string, attributes: object = {}): Promise<Answer> =>
      ask({ trustee_user_id: third.id, expires_at: undefined, ...attributes }, token);

    it('counts down, and ends with the parent', async () => {
      const { parent, token } = await chain();
      const answer = await passOn(token, { allow_redelegation: true });
      expect(answer.status, answer.text).to.equal(201);
      const child = answer.body['trust'] as Entity;
      expect(child).to.include({
        redelegated_trust_id: parent.id,
        redelegation_count: 2,
        expires_at: parent['expires_at'],
      });
      const childToken = tokenOf(await use(child, third));
      expect((await validate(childToken)).status).to.equal(200);
      const fourth = await people.user();
      const { id } = (await passOn(childToken, { trustee_user_id: fourth.id })).body['trust'] as Entity;

      await people.must(trustorToken, 'DELETE', `${TRUSTS}/${parent.id}`);
      expect((await validate(childToken)).status).to.equal(404);
      for (const gone of [child.id, id]) {
        expect((await cloud.request('GET', `${TRUSTS}/${gone}`, trustorToken)).status).to.equal(404);
      }
    });

    it('asks the first trustor whether the roles are still held', async () => {
      const { token } = await chain();
      const child = (await passOn(token)).body['trust'] as Entity;
      await people.must(
        people.admin,
        'DELETE',
        `/v3/projects/${project.id}/users/${trustor.id}/roles/${role.id}`,
      );
      expect((await use(child, third)).status).to.equal(403);
      await people.grant(trustor, project, role);
      trustorToken = await people.tokenFor(trustor, project);
      expect((await use(child, third)).status).to.equal(201);
    });

    it('is refused once a trustee above is disabled', async () => {
      const middle = await people.user();
      const parent = await create({ allow_redelegation: true, trustee_user_id: middle.id });
      const child = (await passOn(tokenOf(await use(parent, middle)))).body['trust'] as Entity;
      await people.must(people.admin, 'PATCH', `/v3/users/${middle.id}`, { user: { enabled: false } });
      expect((await use(child, third)).status).to.equal(403);
    });

    const refused: readonly (readonly [string, number, object, () => object | Promise<object>])[] = [
      ['from a trust that does not allow it', 403, { allow_redelegation: false }, () => ({})],
      ['with uses', 403, {}, () => ({ remaining_uses: 1 })],
      [
        'for longer than the parent',
        403,
        {},
        () => ({ expires_at: new Date(Date.now() + 9 * HOUR).toISOString() }),
      ],
      ['with a role that the parent does not give', 403, { roles: [{ name: 'PLACEHOLDER' }] }, () => ({})],
      [
        'with another count than is left',
        403,
        {},
        () => ({ allow_redelegation: true, redelegation_count: 1 }),
      ],
    ];
    for (const [what, status, parentAttributes, attributes] of refused) {
      it(`is refused with ${status} ${what}`, async () => {
        const isRoleCase = 'roles' in parentAttributes;
        const { token } = await chain(isRoleCase ? { roles: [{ id: other.id }] } : parentAttributes);
        const answer = await passOn(token, await attributes());
        expect(answer.status, answer.text).to.equal(status);
      });
    }

    it('is refused with 403 to more than the parent: impersonation, or another project', async () => {
      const own = await people.user();
      await people.grant(own, project, role);
      const plain = await create({ allow_redelegation: true, impersonation: false, trustee_user_id: own.id });
      const plainToken = tokenOf(await use(plain, own));
      expect((await passOn(plainToken, { trustor_user_id: own.id })).status).to.equal(403);
      expect((await passOn(plainToken, { trustor_user_id: own.id, impersonation: false })).status).to.equal(
        201,
      );

      const elsewhere = await people.project();
      await people.grant(trustor, elsewhere, role);
      trustorToken = await people.tokenFor(trustor, project);
      const { token } = await chain();
      expect((await passOn(token, { project_id: elsewhere.id })).status).to.equal(403);
    });
  });

  describe('reading', () => {
    it('is for trustor and trustee', async () => {
      const trust = await create();
      const stranger = await people.user();
      await people.grant(stranger, project, role);
      for (const path of ['', '/roles', `/roles/${role.id}`]) {
        const ask = (token: string, method = 'GET'): Promise<Answer> =>
          cloud.request(method, `${TRUSTS}/${trust.id}${path}`, token);
        expect((await ask(trustorToken)).status).to.equal(200);
        expect((await ask(trustorToken, 'HEAD')).status).to.equal(200);
        expect((await ask(await people.token(trustee))).status).to.equal(200);
        expect((await ask(await people.tokenFor(stranger, project))).status).to.equal(403);
        expect((await ask(people.admin)).status).to.equal(403);
      }
    });

    it('gives the roles', async () => {
      const trust = await create();
      const self = `${cloud.url}${TRUSTS}/${trust.id}/roles`;
      const { body } = await cloud.request('GET', `${TRUSTS}/${trust.id}/roles`, trustorToken);
      expect(body).to.deep.equal({ roles: trust['roles'], links: { self, next: null, previous: null } });
      const one = await cloud.request('GET', `${TRUSTS}/${trust.id}/roles/${role.id}`, trustorToken);
      expect(one.body).to.deep.equal({ role: (trust['roles'] as Entity[])[0] });
      expect(
        (await cloud.request('GET', `${TRUSTS}/${trust.id}/roles/${other.id}`, trustorToken)).status,
      ).to.equal(404);
    });

    it('lists all to administrators, and to others only their own', async () => {
      const trust = await create();
      const list = async (token: string, query: string): Promise<Answer> =>
        cloud.request('GET', `${TRUSTS}${query}`, token);
      const ids = ({ body }: Answer): string[] => (body['trusts'] as Entity[]).map(({ id }) => id);
      expect(ids(await list(people.admin, ''))).to.include(trust.id);
      expect((await list(trustorToken, '')).status).to.equal(403);
      expect((await list(await people.token(trustor, { unscoped: {} }), '')).status).to.equal(401);
      const own = await list(trustorToken, `?trustor_user_id=${trustor.id}`);
      expect(ids(own)).to.include(trust.id);
      const listed = (own.body['trusts'] as Entity[]).find(({ id }) => id === trust.id);
      expect(listed).to.have.keys(
        'id deleted_at expires_at impersonation links project_id redelegation_count remaining_uses trustee_user_id trustor_user_id'.split(
          ' ',
        ),
      );
      expect(ids(await list(await people.token(trustee), `?trustee_user_id=${trustee.id}`))).to.include(
        trust.id,
      );
      expect((await list(trustorToken, `?trustor_user_id=${trustee.id}`)).status).to.equal(403);
      expect((await list(trustorToken, `?trustee_user_id=${trustee.id}`)).status).to.equal(403);
      expect((await list(people.admin, `?trustee_user_id=${trustee.id}`)).status).to.equal(403);
      expect(ids(await list(trustorToken, '?name=x'))).to.deep.equal([]);
    });
  });

  it('deleting is for the trustor', async () => {
    const trust = await create();
    for (const token of [await people.token(trustee), people.admin]) {
      expect((await cloud.request('DELETE', `${TRUSTS}/${trust.id}`, token)).status).to.equal(403);
    }
    expect((await cloud.request('DELETE', `${TRUSTS}/${trust.id}`, trustorToken)).status).to.equal(204);
    expect((await cloud.request('DELETE', `${TRUSTS}/${trust.id}`, trustorToken)).status).to.equal(404);
  });

  it('go with their users and their project', async () => {
    const [from, to] = [await people.user(), await people.user()];
    const place = await people.project();
    await people.grant(from, place, role);
    await people.grant(from, project, role);
    const body = (where: Entity, trusteeId: string): object =>
      wanted({ trustor_user_id: from.id, trustee_user_id: trusteeId, project_id: where.id });
    const token = await people.tokenFor(from, project);
    const onPlace = await people.must(token, 'POST', TRUSTS, body(place, trustee.id), 'trust');
    const toUser = await people.must(token, 'POST', TRUSTS, body(project, to.id), 'trust');
    const stays = await people.must(token, 'POST', TRUSTS, body(project, trustee.id), 'trust');
    const status = async (trust: Entity): Promise<number> =>
      (await cloud.request('GET', `${TRUSTS}/${trust.id}`, await people.token(from))).status;
    await people.must(people.admin, 'DELETE', `/v3/projects/${place.id}`);
    expect(await status(onPlace)).to.equal(404);
    await people.must(people.admin, 'DELETE', `/v3/users/${to.id}`);
    expect(await status(toUser)).to.equal(404);
    expect(await status(stays)).to.equal(200);
    await people.must(people.admin, 'DELETE', `/v3/users/${from.id}`);
    expect((await use(stays)).status).to.equal(401);
  });
});

describe('a service without trusts', function limited() {
  this.timeout(120_000);
  it('has no routes for them and gives no tokens by them', async function test() {
    this.timeout(120_000);
    const cloud = await startCloud({ trust: ['enabled = false'] });
    try {
      const people = await createPeople(cloud);
      expect((await cloud.request('GET', TRUSTS, people.admin)).status).to.equal(404);
      const user = await people.user();
      expect((await people.authenticate(user, { 'OS-TRUST:trust': { id: 'f'.repeat(32) } })).status).to.equal(
        403,
      );
    } finally {
      await cloud.stop();
    }
  });
});

describe('a service without [token] infer_roles', function limited() {
  this.timeout(120_000);
  it('gives by a trust the roles that it names, and none that these imply', async function test() {
    this.timeout(120_000);
    const cloud = await startCloud({ token: ['infer_roles = false'] });
    try {
      const people = await createPeople(cloud);
      const [trustor, trustee] = [await people.user(), await people.user()];
      const [project, role, implied] = [await people.project(), await people.role(), await people.role()];
      await people.must(people.admin, 'PUT', `/v3/roles/${role.id}/implies/${implied.id}`);
      await people.grant(trustor, project, role);
      const body = {
        trustor_user_id: trustor.id,
        trustee_user_id: trustee.id,
        project_id: project.id,
        impersonation: false,
        roles: [{ id: role.id }],
      };
      const token = await people.tokenFor(trustor, project);
      const trust = await people.must(token, 'POST', TRUSTS, { trust: body }, 'trust');
      const answer = await people.authenticate(trustee, { 'OS-TRUST:trust': { id: trust.id } });
      expect(answer.status, answer.text).to.equal(201);
      const { roles } = answer.body['token'] as { roles: Entity[] };
      expect(roles.map(({ id }) => id)).to.deep.equal([role.id]);
    } finally {
      await cloud.stop();
    }
  });
});
