/** Tokens of API v2.0: got, checked, read through both versions, and ended, on both stacks. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { type Json, Tenancy, type UserWithPassword } from './tenancy.js';
import { accessOf, messageOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

const EXPIRY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const FRACTION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

describe('tokens of API v2.0', () => {
  let cloud: V2Cloud;
  let admin: string;
  /** In the default domain: a project, and alice with a role on it. */
  let home: Tenancy;
  /** In a domain of its own. */
  let away: Tenancy;

  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start();
    admin = await cloud.adminToken();
    const asCloud = {
      request: (method: string, path: string, token: string | null, body?: object) =>
        cloud.call('main', method, path, token, body),
    };
    away = new Tenancy(asCloud, admin);
    await away.build();
    home = new Tenancy(asCloud, admin);
    home.domain = { id: 'default', name: 'Default' };
    home.project = await home.newProject({ colour: 'blue' });
    home.role = away.role;
    home.alice = await home.user();
    await home.grant('PUT', home.alice.id, home.project.id);
  });
  after(() => cloud.stop());

  const password = (user: UserWithPassword, scope: object = {}): Promise<V2Answer> =>
    cloud.withPassword(user.name, user.password, scope);
  const scoped = async (): Promise<string> =>
    tokenIdOf(await password(home.alice, { tenantId: home.project.id }));
  const check = (id: string, query = '', method = 'GET', by = admin): Promise<V2Answer> =>
    cloud.call('admin', method, `/v2.0/tokens/${id}${query}`, by);
  const v3Token = async (user: UserWithPassword, scope: object): Promise<string> => {
    const auth = {
      identity: { methods: ['password'], password: { user: { ...user, name: undefined } } },
      scope,
    };
    const { headers, text } = await cloud.call('main', 'POST', '/v3/auth/tokens', null, { auth });
    return headers.get('X-Subject-Token') ?? expect.fail(text);
  };

  it('tell of user, tenant, roles and services', async () => {
    const answer = await password(home.alice, { tenantName: home.project.name });
    const { alice, project, role } = home;
    const { service } = away;
    expect(answer.headers.get('X-Subject-Token')).to.equal(null);
    expect(answer.headers.get('Vary')).to.equal('X-Auth-Token');
    const { token, user, serviceCatalog, metadata, ...rest } = accessOf(answer);
    expect(rest).to.deep.equal({});
    expect(token).to.have.all.keys('id', 'expires', 'issued_at', 'audit_ids', 'tenant');
    expect((token as Json)['tenant']).to.deep.equal({
      id: project.id,
      name: project.name,
      description: '',
      enabled: true,
      colour: 'blue',
    });
    expect((token as Json)['expires']).to.match(EXPIRY);
    expect((token as Json)['issued_at']).to.match(FRACTION);
    expect(user).to.deep.equal({
      id: alice.id,
      name: alice.name,
      username: alice.name,
      roles: [{ name: role.name }],
      roles_links: [],
    });
    expect(metadata).to.deep.equal({ is_admin: 0, roles: [role.id] });
    expect((serviceCatalog as Json[]).find(({ type }) => type === 'compute')).to.deep.equal({
      name: service.name,
      type: 'compute',
      endpoints_links: [],
      endpoints: [{ id: away.endpoint.id, region: null, publicURL: `http://compute/v2/${project.id}` }],
    });
  });

  it('are unscoped when no tenant is asked for, whatever the default project', async () => {
    const user = await home.user({ default_project_id: home.project.id });
    await home.grant('PUT', user.id, home.project.id);
    const { token, user: shown, serviceCatalog, metadata } = accessOf(await password(user));
    expect(token).not.to.have.property('tenant');
    expect((shown as Json)['roles']).to.deep.equal([]);
    expect(serviceCatalog).to.deep.equal([]);
    expect(metadata).to.deep.equal({ is_admin: 0, roles: [] });
  });

  it('are got by the id of the user as well', async () => {
    const { id: userId, password: secret } = home.alice;
    const answer = await cloud.signIn({ passwordCredentials: { userId, password: secret } });
    expect((accessOf(answer)['user'] as Json)['id']).to.equal(userId);
  });

  it('are refused alike to strangers, to other domains, and for tenants that are none of the caller', async () => {
    const { alice } = home;
    const stranger = await away.user({ name: 'stranger' });
    const refused = [
      cloud.withPassword(alice.name, 'wrong'),
      cloud.withPassword('nobody', alice.password),
      cloud.signIn({ passwordCredentials: { username: alice.name, password: null } }),
      cloud.withPassword(stranger.name, stranger.password),
      cloud.signIn({ passwordCredentials: { userId: stranger.id, password: stranger.password } }),
      password(alice, { tenantId: 'nowhere' }),
      password(alice, { tenantName: 'nowhere' }),
      password(alice, { tenantId: away.project.id }),
      password(alice, { tenantName: ADMIN.project }),
      cloud.signIn({ token: { id: 'nonsense' } }),
    ];
    for (const answer of await Promise.all(refused)) {
      expect(answer.status, answer.text).to.equal(401);
      expect(messageOf(answer)).to.equal('The request you have made requires authentication.');
    }
  });

  it('need a request that says what it means', async () => {
    const credentials = (given: object): object => ({ passwordCredentials: given });
    const long = 'x'.repeat(65);
    const incomplete: [object, string][] = [
      [{}, 'passwordCredentials in auth'],
      [credentials({ username: 'u' }), 'password in passwordCredentials'],
      [credentials({ password: 'p' }), 'username or userId in passwordCredentials'],
      [credentials({ username: 7, password: 'p' }), 'string in username'],
      [{ token: {} }, 'id in token'],
      [{ token: 'x' }, 'token in auth'],
    ];
    for (const [auth, text] of incomplete) {
      const answer = await cloud.signIn(auth);
      expect(answer.status, text).to.equal(400);
      expect(messageOf(answer))
        .to.include(`Expecting to find ${text}`)
        .and.match(/malformed or otherwise incorrect/);
    }
    const tooLong: [object, string, number][] = [
      [credentials({ username: long, password: 'p' }), 'username', 64],
      [credentials({ userId: long, password: 'p' }), 'userId', 64],
      [credentials({ username: 'u', password: 'x'.repeat(4097) }), 'password', 4096],
      [{ ...credentials({ username: 'u', password: 'p' }), tenantId: long }, 'tenantId', 64],
      [{ ...credentials({ username: 'u', password: 'p' }), tenantName: long }, 'tenantName', 64],
      [{ token: { id: 'x'.repeat(8193) } }, 'token', 8192],
    ];
    for (const [auth, attribute, size] of tooLong) {
      const answer = await cloud.signIn(auth);
      expect(answer.status, attribute).to.equal(400);
      expect(messageOf(answer)).to.include(
        `Request attribute ${attribute} must be less than or equal to ${size}.`,
      );
    }
    for (const body of [{}, { auth: 1 }, { auth: {}, more: {} }]) {
      expect((await cloud.call('main', 'POST', '/v2.0/tokens', null, body)).status).to.equal(400);
    }
  });

  it('are rescoped, and end no later than the token that they came from', async () => {
    const first = accessOf(await password(home.alice))['token'] as Json;
    const second = accessOf(await cloud.signIn({ token: { id: first['id'] }, tenantId: home.project.id }))[
      'token'
    ] as Json;
    expect(second['expires']).to.equal(first['expires']);
    expect(second['audit_ids']).to.have.length(2);
    expect((second['audit_ids'] as string[])[1]).to.equal((first['audit_ids'] as string[])[0]);
    expect((second['tenant'] as Json)['id']).to.equal(home.project.id);
  });

  it('are checked by administrators, with the tenant that they belong to', async () => {
    const id = await scoped();
    const answer = await check(id);
    const token = accessOf(answer)['token'] as Json;
    expect(token).to.include({ id }).and.to.have.nested.property('tenant.id', home.project.id);
    expect(token['expires']).to.match(FRACTION);
    expect((await check(id, `?belongsTo=${home.project.id}`)).status).to.equal(200);
    expect((await check(id, '?belongsTo=other')).status).to.equal(401);
    const unscoped = tokenIdOf(await password(home.alice));
    expect((await check(unscoped, `?belongsTo=${home.project.id}`)).status).to.equal(401);
    const head = await check(id, '', 'HEAD');
    expect([head.status, head.text]).to.deep.equal([200, '']);
    expect((await check('nonsense')).status).to.equal(404);
    // Whoever asks must be allowed to.
    expect((await check(id, '', 'GET', id)).status).to.equal(403);
    expect((await check(id, '', 'HEAD', id)).status).to.equal(403);
    expect((await check(id, '', 'GET', 'nonsense')).status).to.equal(401);
  });

  it('are told of as they are now, tenant and roles included, however often they were asked about', async () => {
    const id = await scoped();
    const told = await check(id);
    expect((await check(id)).text).to.equal(told.text);
    const change = { project: { description: 'told anew' } };
    await cloud.call('main', 'PATCH', `/v3/projects/${home.project.id}`, admin, change);
    const { token } = accessOf(await check(id));
    expect(token).to.have.nested.property('tenant.description', 'told anew');
    expect((await check(id, '', 'HEAD')).text).to.equal('');
    const painter = await home.create('role', {});
    await home.grant('PUT', home.alice.id, home.project.id, painter.id);
    const { user } = accessOf(await check(id));
    expect(user).to.have.property('roles').that.deep.includes({ name: painter.name });
    await home.grant('DELETE', home.alice.id, home.project.id, painter.id);
    expect((await check(id)).status).to.equal(404);
  });

  it('cross between the versions', async () => {
    const v2 = await scoped();
    const read = await cloud.call('main', 'GET', '/v3/auth/tokens', admin, undefined, {
      'X-Subject-Token': v2,
    });
    expect(read.body).to.have.nested.property('token.project.id', home.project.id);
    expect(read.body).to.have.nested.property('token.user.domain.id', 'default');
    const v3 = await v3Token(home.alice, { project: { id: home.project.id } });
    expect(accessOf(await check(v3))).to.have.nested.property('token.tenant.id', home.project.id);
    expect((await cloud.signIn({ token: { id: v3 } })).status).to.equal(200);
    // fernet looks at nothing but a scope that is a domain.
    const elsewhere = await v3Token(away.alice, { project: { id: away.project.id } });
    expect((await check(elsewhere)).status).to.equal(200);
    expect((await cloud.signIn({ token: { id: elsewhere } })).status).to.equal(401);
    const domain = await v3Token(away.alice, { domain: { id: away.domain.id } });
    expect((await check(domain)).status).to.equal(401);
  });

  it('have endpoints of their own', async () => {
    const { body } = await check(`${await scoped()}/endpoints`);
    expect(body['endpoints_links']).to.deep.equal([]);
    expect((body['endpoints'] as Json[]).find(({ type }) => type === 'compute')).to.deep.equal({
      id: away.endpoint.id,
      name: away.service.name,
      type: 'compute',
      region: null,
      publicURL: `http://compute/v2/${home.project.id}`,
      internalURL: null,
      adminURL: null,
    });
    const unscoped = tokenIdOf(await password(home.alice));
    expect((await check(`${unscoped}/endpoints`)).body).to.deep.equal({});
    expect((await check(`${unscoped}/endpoints`, '', 'GET', await scoped())).status).to.equal(403);
  });

  it('end when an administrator ends them', async () => {
    const id = await scoped();
    expect((await check(id, '', 'DELETE', id)).status).to.equal(403);
    // An unscoped token says nothing of who is an administrator.
    const unscoped = tokenIdOf(await cloud.withPassword(ADMIN.name, ADMIN.password));
    expect((await check(id, '', 'DELETE', unscoped)).status).to.equal(401);
    const { status, text } = await cloud.call('main', 'DELETE', `/v2.0/tokens/${id}`, admin);
    expect([status, text]).to.deep.equal([204, '']);
    expect((await check(id)).status).to.equal(404);
    expect((await cloud.signIn({ token: { id } })).status).to.equal(401);
  });

  it('are listed nowhere when they are revoked, and have no certificates', async () => {
    expect((await cloud.call('admin', 'GET', '/v2.0/tokens/revoked', null)).status).to.equal(401);
    expect((await cloud.call('admin', 'GET', '/v2.0/tokens/revoked', admin)).status).to.equal(403);
    for (const name of ['ca', 'signing']) {
      const answer = await cloud.call('main', 'GET', `/v2.0/certificates/${name}`, null);
      expect(answer.status).to.equal(403);
      expect(messageOf(answer)).to.match(/^The certificates you requested are not available/);
    }
  });

  describe('by a trust', () => {
    let trustee: UserWithPassword;
    const trustOf = async (more: object = {}): Promise<string> => {
      const trustor = await v3Token(home.alice, { project: { id: home.project.id } });
      const { body, text } = await cloud.call('main', 'POST', '/v3/OS-TRUST/trusts', trustor, {
        trust: {
          trustor_user_id: home.alice.id,
          trustee_user_id: trustee.id,
          project_id: home.project.id,
          impersonation: true,
          roles: [{ id: home.role.id }],
          ...more,
        },
      });
      return ((body['trust'] as Json | undefined)?.['id'] as string | undefined) ?? expect.fail(text);
    };
    const use = async (trustId: string, tenantId = home.project.id, user = trustee): Promise<V2Answer> =>
      cloud.signIn({ token: { id: tokenIdOf(await password(user)) }, tenantId, trust_id: trustId });
    before(async () => {
      trustee = await home.user();
    });

    it('are the trustor’s', async () => {
      const trustId = await trustOf();
      const access = accessOf(await use(trustId));
      expect(access['trust']).to.deep.equal({
        id: trustId,
        impersonation: true,
        trustor_user_id: home.alice.id,
        trustee_user_id: trustee.id,
      });
      expect((access['user'] as Json)['id']).to.equal(home.alice.id);
      const { id } = access['token'] as Json;
      expect(accessOf(await check(id as string))['trust']).to.have.property('id', trustId);
      expect((await cloud.signIn({ token: { id } })).status).to.equal(403);
    });

    it('cost one of its uses each', async () => {
      const trustId = await trustOf({ remaining_uses: 1, impersonation: false });
      expect((await use(trustId, 'other')).status).to.equal(401);
      expect((accessOf(await use(trustId))['user'] as Json)['id']).to.equal(trustee.id);
      expect((await use(trustId)).status).to.equal(403);
    });

    it('are for the trustee and the tenant of the trust only', async () => {
      const trustId = await trustOf();
      expect((await use(trustId, home.project.id, home.alice)).status).to.equal(403);
      expect((await use('no-such-trust')).status).to.equal(403);
      const { id } = accessOf(await password(trustee))['token'] as Json;
      expect((await cloud.signIn({ token: { id }, trust_id: trustId })).status).to.equal(403);
    });
  });

  describe('after a change of the own password', () => {
    it('are dead, but for the new one in the answer', async function change() {
      this.timeout(120_000);
      const user = await home.user();
      await home.grant('PUT', user.id, home.project.id);
      const old = tokenIdOf(await password(user, { tenantId: home.project.id }));
      const path = `/v2.0/OS-KSCRUD/users/${user.id}`;
      const patch = (given: object, token: string | null = old): Promise<V2Answer> =>
        cloud.call('main', 'PATCH', path, token, { user: given });
      const right = { original_password: user.password, password: 'newer-secret' };
      expect((await patch(right, null)).status).to.equal(401);
      expect((await patch(right, admin)).status).to.equal(403);
      expect((await patch({ ...right, original_password: 'wrong' })).status).to.equal(401);
      expect((await patch({ password: 'newer-secret' })).status).to.equal(400);
      expect((await patch({ original_password: user.password })).status).to.equal(400);
      const answer = await patch(right);
      const { id, tenant } = accessOf(answer)['token'] as Json;
      expect((tenant as Json)['id']).to.equal(home.project.id);
      expect((await check(old)).status).to.equal(404);
      expect((await check(id as string)).status).to.equal(200);
      expect((await password(user)).status).to.equal(401);
      expect((await cloud.withPassword(user.name, 'newer-secret')).status).to.equal(200);
    });
  });
});
