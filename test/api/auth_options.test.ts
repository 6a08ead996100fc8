/** What the configuration changes about signing in, and users whom the front web server has authenticated. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, Tenancy, tokenOf } from './tenancy.js';

const UNSCOPED = { unscoped: {} };

function authenticate(
  cloud: Cloud,
  identity: object,
  scope: object = UNSCOPED,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return cloud.request('POST', '/v3/auth/tokens', null, { auth: { identity, scope } }, headers);
}

const external = { methods: ['external'], external: {} };
const byPassword = (id: string, password: string): object => ({
  methods: ['password'],
  password: { user: { id, password } },
});
const byToken = (id: string): object => ({ methods: ['token'], token: { id } });

describe('authentication as configured', () => {
  describe('with tokens that are not exchanged, an admin project and no proxy to trust', () => {
    let cloud: Cloud;
    let tenancy: Tenancy;
    before(async function start() {
      this.timeout(120_000);
      cloud = await startCloud({
        token: ['allow_rescope_scoped_token = false'],
        resource: ['admin_project_name = admin', 'admin_project_domain_name = Default'],
        auth: ['methods = external,password,token'],
        keystone_koa: ['trusted_proxies ='],
        DEFAULT: ['public_endpoint = https://cloud.example/identity/'],
      });
      tenancy = new Tenancy(cloud, await cloud.adminToken());
      await tenancy.build();
    });
    after(() => cloud.stop());

    it('only tokens without a scope give other tokens', async () => {
      const { alice, project } = tenancy;
      const unscoped = tokenOf(await authenticate(cloud, byPassword(alice.id, alice.password)));
      const scoped = await authenticate(cloud, byToken(unscoped), { project: { id: project.id } });
      expect(scoped.status).to.equal(201);
      for (const scope of [UNSCOPED, { project: { id: project.id } }]) {
        const refused = await authenticate(cloud, byToken(tokenOf(scoped)), scope);
        expect(refused.status).to.equal(403);
        expect((refused.body['error'] as Json)['message']).to.equal(
          'You are not authorized to perform the requested action.',
        );
      }
      const inDomain = await authenticate(cloud, byToken(unscoped), { domain: { id: tenancy.domain.id } });
      expect((await authenticate(cloud, byToken(tokenOf(inDomain)))).status).to.equal(403);
    });

    it('tokens of projects tell whether the project is the admin project', async () => {
      const { alice, project } = tenancy;
      const admin = await cloud.request('GET', '/v3/auth/tokens', await cloud.adminToken(), undefined, {
        'X-Subject-Token': await cloud.adminToken(),
      });
      expect((admin.body['token'] as Json)['is_admin_project']).to.equal(true);
      const identity = byPassword(alice.id, alice.password);
      const other = await authenticate(cloud, identity, { project: { id: project.id } });
      expect((other.body['token'] as Json)['is_admin_project']).to.equal(false);
      expect((await authenticate(cloud, identity)).body['token']).not.to.have.property('is_admin_project');
    });

    it('REMOTE_USER is nobody from an address that is no proxy', async () => {
      const headers = { 'X-Remote-User': ADMIN.name };
      expect((await authenticate(cloud, external, UNSCOPED, headers)).status).to.equal(401);
      expect((await authenticate(cloud, { methods: [] }, UNSCOPED, headers)).status).to.equal(401);
    });

    it('links and challenges name the public endpoint', async () => {
      const refused = await authenticate(cloud, byPassword('nobody', 'x'));
      expect(refused.headers.get('WWW-Authenticate')).to.equal(
        'Keystone uri="https://cloud.example/identity"',
      );
      const projects = await cloud.request('GET', '/v3/auth/projects?a=b', await cloud.adminToken());
      expect(projects.body['links']).to.deep.include({
        self: 'https://cloud.example/identity/v3/auth/projects?a=b',
      });
    });
  });

  describe('behind a web server that authenticates users', () => {
    let cloud: Cloud;
    let tenancy: Tenancy;
    let admin: string;
    before(async function start() {
      this.timeout(120_000);
      cloud = await startCloud({
        auth: ['methods = external,password,token', 'external = Domain'],
        token: ['bind = kerberos'],
      });
      admin = await cloud.adminToken();
      tenancy = new Tenancy(cloud, admin);
      await tenancy.build();
    });
    after(() => cloud.stop());

    const asAlice = (): Record<string, string> => ({
      'X-Remote-User': tenancy.alice.name,
      'X-Remote-Domain': tenancy.domain.name,
    });

    it('the user is who the web server says, in the domain that it says', async () => {
      const answer = await authenticate(cloud, external, { project: { id: tenancy.project.id } }, asAlice());
      expect(answer.status, answer.text).to.equal(201);
      const token = answer.body['token'] as Json;
      expect((token['user'] as Json)['id']).to.equal(tenancy.alice.id);
      expect(token['methods']).to.deep.equal(['external']);
    });

    it('the domain is the default one where the web server says nothing', async () => {
      const answer = await authenticate(cloud, external, UNSCOPED, { 'X-Remote-User': ADMIN.name });
      expect(((answer.body['token'] as Json)['user'] as Json)['name']).to.equal(ADMIN.name);
    });

    it('nobody is let in whom the service does not know, or has disabled', async () => {
      const disabled = await tenancy.user({ enabled: false });
      const sleeping = await tenancy.newDomain();
      const inside = await tenancy.user({ domain_id: sleeping.id });
      await cloud.request('PATCH', `/v3/domains/${sleeping.id}`, admin, { domain: { enabled: false } });
      const refused = [
        { ...asAlice(), 'X-Remote-User': 'nobody' },
        { ...asAlice(), 'X-Remote-Domain': 'nowhere' },
        { ...asAlice(), 'X-Remote-User': disabled.name },
        { 'X-Remote-User': inside.name, 'X-Remote-Domain': sleeping.name },
        { 'X-Remote-Domain': tenancy.domain.name },
        {},
      ];
      for (const headers of refused) {
        const answer = await authenticate(cloud, external, UNSCOPED, headers);
        expect(answer.status, JSON.stringify(headers)).to.equal(401);
      }
    });

    it('a password must be that of the same user; a wrong word of the web server does no harm to it', async () => {
      const other = await tenancy.user();
      const identity = byPassword(other.id, other.password);
      expect((await authenticate(cloud, identity, UNSCOPED, asAlice())).status).to.equal(401);
      const own = byPassword(tenancy.alice.id, tenancy.alice.password);
      expect((await authenticate(cloud, own, UNSCOPED, asAlice())).status).to.equal(201);
      const unknown = { ...asAlice(), 'X-Remote-User': 'nobody' };
      expect((await authenticate(cloud, identity, UNSCOPED, unknown)).status).to.equal(201);
    });

    it('tokens cannot be bound to the user by a format that carries no bond', async () => {
      const headers = { ...asAlice(), 'X-Auth-Type': 'Negotiate' };
      const answer = await authenticate(cloud, external, UNSCOPED, headers);
      expect(answer.status).to.equal(501);
    });
  });

  describe('behind a web server that speaks Kerberos', () => {
    let cloud: Cloud;
    let tenancy: Tenancy;
    before(async function start() {
      this.timeout(120_000);
      const methods = 'methods = external,password,token,kerberos';
      cloud = await startCloud({ auth: [methods, 'external = Kerberos'] });
      tenancy = new Tenancy(cloud, await cloud.adminToken());
      await tenancy.build();
    });
    after(() => cloud?.stop());

    for (const method of ['external', 'kerberos']) {
      it(`the method ${method} takes its word for tickets alone`, async () => {
        const identity = { methods: [method], [method]: {} };
        const headers = { 'X-Remote-User': tenancy.alice.name, 'X-Remote-Domain': tenancy.domain.name };
        const answer = await authenticate(cloud, identity, UNSCOPED, {
          ...headers,
          'X-Auth-Type': 'Negotiate',
        });
        expect(answer.status, answer.text).to.equal(201);
        expect(answer.body).to.have.nested.property('token.user.id', tenancy.alice.id);
        expect(answer.body).to.have.nested.property('token.methods').that.deep.equals([method]);
        for (const type of ['Basic', 'negotiate', 'Negotiate2']) {
          const other = { ...headers, 'X-Auth-Type': type };
          expect((await authenticate(cloud, identity, UNSCOPED, other)).status, type).to.equal(401);
        }
        expect((await authenticate(cloud, identity, UNSCOPED, headers)).status).to.equal(401);
      });
    }
  });

  describe('behind a web server whose users are all in one domain', () => {
    let cloud: Cloud;
    before(async function start() {
      this.timeout(120_000);
      cloud = await startCloud({ auth: ['methods = external,password,token', 'external = DefaultDomain'] });
    });
    after(() => cloud?.stop());

    it('the domain is the default one, whatever else the web server says', async () => {
      const headers = { 'X-Remote-User': ADMIN.name, 'X-Remote-Domain': 'nowhere' };
      const answer = await authenticate(cloud, external, UNSCOPED, headers);
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.body).to.have.nested.property('token.user.domain.id', 'default');
    });
  });
});
