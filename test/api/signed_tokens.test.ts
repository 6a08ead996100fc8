/** Tokens of all four providers, through both versions of the API; signed tokens and the list of revoked ones. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import {
  messageFromPem,
  messageFromPki,
  messageFromPkiz,
  readCertificates,
  verifyMessage,
} from '../../src/common/crypto/cms/index.js';
import { ADMIN } from '../support/deployment.js';
import { createSigningFiles, type SigningFiles } from '../support/signing_files.js';
import { type Json, Tenancy, tokenOf } from './tenancy.js';
import { accessOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

const FORMS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{32}$/,
  pki: /^MII[A-Za-z0-9+=-]+$/,
  pkiz: /^PKIZ_[A-Za-z0-9_=-]+$/,
  fernet: /^gAAAAA[A-Za-z0-9_-]+$/,
};

const METHODS = 'methods = external,password,token';

/** Read as clients do. */
function verified(message: Buffer, { made }: SigningFiles): Json {
  const trust = {
    certificates: readCertificates(made.certificate),
    authorities: readCertificates(made.caCertificate),
  };
  return JSON.parse(verifyMessage(message, trust, Date.now()).toString()) as Json;
}

async function startCloud(provider: string, { conf }: SigningFiles, token: string[] = []): Promise<V2Cloud> {
  return V2Cloud.start({
    token: [`provider = ${provider}`, ...token],
    auth: [METHODS],
    signing: conf,
    keystone_koa: ['trusted_proxies = 127.0.0.1'],
  });
}

const v3Scope = { project: { name: ADMIN.project, domain: { id: 'default' } } };

function signIn(cloud: V2Cloud, headers: Record<string, string> = {}): Promise<V2Answer> {
  const user = { name: ADMIN.name, domain: { id: 'default' }, password: ADMIN.password };
  const identity = { methods: ['password'], password: { user } };
  return cloud.call('main', 'POST', '/v3/auth/tokens', null, { auth: { identity, scope: v3Scope } }, headers);
}

let files: SigningFiles;
before(async () => {
  files = await createSigningFiles();
});
after(() => files.remove());

for (const [provider, form] of Object.entries(FORMS)) {
  describe(`tokens of [token] provider = ${provider}`, function limited() {
    this.timeout(120_000);
    let cloud: V2Cloud;
    let admin: string;
    before(async function start() {
      this.timeout(120_000);
      cloud = await startCloud(provider, files);
      admin = await cloud.adminToken();
    });
    after(() => cloud.stop());

    const readV2 = (id: string): Promise<V2Answer> => cloud.call('admin', 'GET', `/v2.0/tokens/${id}`, admin);
    const readV3 = (id: string): Promise<V2Answer> =>
      cloud.call('main', 'GET', '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': id });

    it('of v2.0 are good for v3: read, exchanged, ended', async () => {
      const issued = await cloud.withPassword(ADMIN.name, ADMIN.password, { tenantName: ADMIN.project });
      const id = tokenIdOf(issued);
      expect(id).to.match(form);
      const { body } = await readV3(id);
      expect(body).to.have.nested.property('token.user.name', ADMIN.name);
      expect(body).to.have.nested.property('token.project.name', ADMIN.project);
      expect((await cloud.call('main', 'GET', '/v3/auth/projects', id)).status).to.equal(200);
      const identity = { methods: ['token'], token: { id } };
      const exchanged = await cloud.call('main', 'POST', '/v3/auth/tokens', null, {
        auth: { identity, scope: { project: { name: ADMIN.project, domain: { id: 'default' } } } },
      });
      expect(tokenOf(exchanged)).to.match(form).and.not.equal(id);
      const ended = await cloud.call('main', 'DELETE', '/v3/auth/tokens', admin, undefined, {
        'X-Subject-Token': id,
      });
      expect(ended.status).to.equal(204);
      expect((await readV2(id)).status).to.equal(404);
      expect((await cloud.call('main', 'GET', '/v3/auth/projects', id)).status).to.equal(401);
    });

    it('of v3 are good for v2.0: read, exchanged, ended', async () => {
      const id = tokenOf(await signIn(cloud));
      expect(id).to.match(form);
      const { token, user } = accessOf(await readV2(id));
      expect(user).to.include({ username: ADMIN.name });
      expect(token).to.have.nested.property('tenant.name', ADMIN.project);
      const exchanged = await cloud.signIn({ token: { id }, tenantName: ADMIN.project });
      expect(tokenIdOf(exchanged)).to.match(form).and.not.equal(id);
      expect((await cloud.call('admin', 'DELETE', `/v2.0/tokens/${id}`, admin)).status).to.equal(204);
      expect((await readV3(id)).status).to.equal(404);
      expect((await cloud.call('admin', 'GET', '/v2.0/tenants', id)).status).to.equal(401);
    });
  });
}

for (const [provider, read] of [
  ['pki', messageFromPki],
  ['pkiz', messageFromPkiz],
] as const) {
  describe(`signed tokens (${provider})`, function limited() {
    this.timeout(120_000);
    let cloud: V2Cloud;
    let admin: string;
    let tenancy: Tenancy;
    before(async function start() {
      this.timeout(120_000);
      cloud = await startCloud(provider, files, ['hash_algorithm = sha256', 'bind = kerberos']);
      admin = await cloud.adminToken();
      tenancy = new Tenancy(
        { request: (method, path, token, body) => cloud.call('main', method, path, token, body) },
        admin,
      );
      await tenancy.build();
    });
    after(() => cloud.stop());

    const digestOf = (id: string): string => createHash('sha256').update(id).digest('hex');
    const readV3 = (id: string): Promise<V2Answer> =>
      cloud.call('main', 'GET', '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': id });
    const list = (version: string, token: string | null = admin): Promise<V2Answer> =>
      cloud.call('main', 'GET', version, token);
    const revoked = async (path = '/v3/auth/tokens/OS-PKI/revoked'): Promise<Json[]> => {
      const { status, body, text } = await list(path);
      expect(status, text).to.equal(200);
      return verified(messageFromPem(body['signed'] as string), files)['revoked'] as Json[];
    };

    it('hold what the answer says, under the signature of [signing] keyfile', async () => {
      const answer = await signIn(cloud);
      expect(verified(read(tokenOf(answer)), files)).to.deep.equal(answer.body);
    });

    it('hold no catalog when the request wants none', async () => {
      const user = { name: ADMIN.name, domain: { id: 'default' }, password: ADMIN.password };
      const identity = { methods: ['password'], password: { user } };
      const auth = { identity, scope: v3Scope };
      const answer = await cloud.call('main', 'POST', '/v3/auth/tokens?nocatalog', null, { auth });
      const { token } = verified(read(tokenOf(answer)), files) as { token: Json };
      expect(token).not.to.have.property('catalog');
      expect({ token }).to.deep.equal(answer.body);
      // Whoever asks the service gets all of it.
      expect((await readV3(tokenOf(answer))).body)
        .to.have.nested.property('token.catalog')
        .that.is.an('array');
    });

    it('can be checked by certificates that everybody gets, of both versions', async () => {
      for (const [path, text] of [
        ['/v3/OS-SIMPLE-CERT/certificates', files.made.certificate],
        ['/v3/OS-SIMPLE-CERT/ca', files.made.caCertificate],
        ['/v2.0/certificates/signing', files.made.certificate],
        ['/v2.0/certificates/ca', files.made.caCertificate],
      ] as const) {
        for (const stack of path.startsWith('/v3') ? (['main'] as const) : (['main', 'admin'] as const)) {
          const answer = await cloud.call(stack, 'GET', path, null);
          expect([answer.status, answer.text], path).to.deep.equal([200, text]);
          expect(answer.headers.get('Content-Type')).to.equal('application/x-pem-file');
        }
      }
    });

    it('are found by their digest as by their text, and by nothing else', async () => {
      const answer = await signIn(cloud);
      const id = tokenOf(answer);
      for (const known of [id, digestOf(id)]) {
        const shown = await readV3(known);
        expect([shown.status, shown.headers.get('X-Subject-Token')]).to.deep.equal([200, known]);
        expect(shown.body).to.deep.equal(answer.body);
      }
      const md5 = createHash('md5').update(id).digest('hex');
      for (const unknown of [
        md5,
        `${id}=`,
        id.slice(0, -1),
        `${id.slice(0, 200)}${id[200] === 'A' ? 'B' : 'A'}${id.slice(201)}`,
        id.toLowerCase(),
      ]) {
        expect((await readV3(unknown)).status, unknown.slice(0, 40)).to.equal(404);
      }
    });

    it('may be as large as headers may be', async () => {
      const service = await tenancy.create('service', { type: 'large', name: 'large' });
      for (let count = 0; count < (provider === 'pki' ? 30 : 60); count += 1) {
        await tenancy.create('endpoint', {
          service_id: service.id,
          interface: 'public',
          url: `http://compute-${count}.${digestOf(String(count))}.example.com/v2/`,
        });
      }
      const id = tokenOf(await signIn(cloud));
      expect(id.length).to.be.greaterThan(8192);
      const self = await cloud.call('main', 'GET', '/v3/auth/tokens', id, undefined, {
        'X-Subject-Token': id,
      });
      expect(self.status).to.equal(200);
    });

    it('keep what they are bound to', async () => {
      const answer = await signIn(cloud, { 'X-Remote-User': ADMIN.name, 'X-Auth-Type': 'Negotiate' });
      const { token } = verified(read(tokenOf(answer)), files) as { token: Json };
      expect((await readV3(tokenOf(answer))).body).to.have.nested.property('token.user.name', ADMIN.name);
      expect(token['bind']).to.deep.equal({ kerberos: ADMIN.name });
    });

    it('are in the signed list of revoked tokens, by digest, in both versions', async () => {
      const id = tokenOf(await signIn(cloud));
      expect((await revoked()).map((entry) => entry['id'])).not.to.include(digestOf(id));
      const { body } = await readV3(id);
      await cloud.call('main', 'DELETE', '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': id });
      const { audit_ids: audits, expires_at: expires } = body['token'] as Record<string, string>;
      const entry = {
        id: digestOf(id),
        expires: `${expires?.slice(0, 19)}Z`,
        audit_id: audits?.[0],
      };
      for (const path of ['/v3/auth/tokens/OS-PKI/revoked', '/v2.0/tokens/revoked']) {
        expect(await revoked(path)).to.deep.include(entry);
      }
      const { body: plain } = await list('/v3/auth/tokens/OS-PKI/revoked?audit_id_only');
      const { id: _id, ...unnamed } = entry;
      expect(plain['revoked']).to.deep.include(unnamed);
      expect(JSON.stringify(plain)).not.to.contain(entry.id);
    });

    it('are in the list when their user, project, role or trust ends them', async () => {
      const scoped = async (): Promise<string> => {
        const { id, password } = tenancy.alice;
        const identity = { methods: ['password'], password: { user: { id, password } } };
        const scope = { project: { id: tenancy.project.id } };
        return digestOf(
          tokenOf(await cloud.call('main', 'POST', '/v3/auth/tokens', null, { auth: { identity, scope } })),
        );
      };
      const ids = async (): Promise<unknown[]> => (await revoked()).map((entry) => entry['id']);
      const byGrant = await scoped();
      await tenancy.grant('DELETE', tenancy.alice.id, tenancy.project.id);
      expect(await ids()).to.include(byGrant);
      await tenancy.grant('PUT', tenancy.alice.id, tenancy.project.id);
      const byProject = await scoped();
      expect(await ids()).not.to.include(byProject);
      const enable = (enabled: boolean): Promise<unknown> =>
        cloud.call('main', 'PATCH', `/v3/projects/${tenancy.project.id}`, admin, { project: { enabled } });
      await enable(false);
      expect(await ids()).to.include(byProject);
      await enable(true);
      const byUser = await scoped();
      expect(await ids()).not.to.include(byUser);
      await cloud.call('main', 'PATCH', `/v3/users/${tenancy.alice.id}`, admin, {
        user: { password: 'other' },
      });
      expect(await ids()).to.include(byUser);
    });

    it('are in the list when a group loses the role that they stand on, and only those', async () => {
      const change = async (method: string, path: string): Promise<void> => {
        expect((await cloud.call('main', method, path, admin)).status).to.equal(204);
      };
      const group = await tenancy.create('group', { domain_id: tenancy.domain.id });
      const grant = `/v3/projects/${tenancy.project.id}/groups/${group.id}/roles/${tenancy.role.id}`;
      await change('PUT', grant);
      const members = [await tenancy.user(), await tenancy.user(), await tenancy.user()];
      const ids = new Map<string, string>();
      for (const { id, password } of members) {
        await change('PUT', `/v3/groups/${group.id}/users/${id}`);
        const identity = { methods: ['password'], password: { user: { id, password } } };
        for (const scope of [{ project: { id: tenancy.project.id } }, { unscoped: {} }]) {
          const answer = await cloud.call('main', 'POST', '/v3/auth/tokens', null, {
            auth: { identity, scope },
          });
          ids.set(`${id} ${Object.keys(scope)[0]}`, digestOf(tokenOf(answer)));
        }
      }
      await change('DELETE', grant);
      const listed = new Set((await revoked()).map((entry) => entry['id']));
      for (const [name, id] of ids) expect(listed.has(id), name).to.equal(name.endsWith('project'));
    });

    it('are listed to services and administrators only', async () => {
      const { id, password } = await tenancy.user();
      await tenancy.grant('PUT', id, tenancy.project.id);
      const identity = { methods: ['password'], password: { user: { id, password } } };
      const member = tokenOf(
        await cloud.call('main', 'POST', '/v3/auth/tokens', null, {
          auth: { identity, scope: { project: { id: tenancy.project.id } } },
        }),
      );
      for (const path of [
        '/v3/auth/tokens/OS-PKI/revoked',
        '/v3/auth/tokens/OS-PKI/revoked?audit_id_only=1',
      ]) {
        expect((await list(path)).status).to.equal(200);
        expect((await list(path, member)).status).to.equal(403);
        expect((await list(path, null)).status).to.equal(401);
      }
    });
  });
}

describe('the list of revoked tokens', function limited() {
  this.timeout(120_000);
  it('is gone without [token] revoke_by_id', async function test() {
    this.timeout(120_000);
    const cloud = await startCloud('uuid', files, ['revoke_by_id = false']);
    try {
      const admin = await cloud.adminToken();
      for (const path of ['/v3/auth/tokens/OS-PKI/revoked', '/v3/auth/tokens/OS-PKI/revoked?audit_id_only']) {
        expect((await cloud.call('main', 'GET', path, admin)).status).to.equal(410);
      }
      expect((await cloud.call('admin', 'GET', '/v2.0/tokens/revoked', admin)).status).to.equal(410);
    } finally {
      await cloud.stop();
    }
  });

  it('is refused where there is nothing to sign it with', async function test() {
    this.timeout(120_000);
    const cloud = await V2Cloud.start({ token: ['provider = uuid'], signing: ['keyfile = /nonexistent'] });
    try {
      const answer = await cloud.call(
        'main',
        'GET',
        '/v3/auth/tokens/OS-PKI/revoked',
        await cloud.adminToken(),
      );
      expect(answer.status).to.equal(403);
      expect(answer.text).not.to.contain('nonexistent');
    } finally {
      await cloud.stop();
    }
  });
});
