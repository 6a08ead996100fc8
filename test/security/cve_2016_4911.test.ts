/** CVE-2016-4911: a rescoped Fernet token forgot from which token it came, and got away from the chain's revocation. */
import { expect } from 'chai';
import { createServices } from '../../src/server/services.js';
import { type Answer, type Cloud, serve } from '../api/cloud.js';
import { tokenOf } from '../api/tenancy.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { rescope } from './support.js';

interface Link {
  readonly id: string;
  /** As whoever got the token was told. */
  readonly auditIds: readonly string[];
}

const PASSWORD = 'a-Secret';

for (const provider of ['fernet', 'uuid']) {
  describe(`CVE-2016-4911: a ${provider} token remembers the first of its chain however often it is rescoped`, function limited() {
    this.timeout(120_000);
    let cloud: Cloud;
    let admin: string;
    let deployment: Deployment;
    let userId: string;
    let projectId: string;
    let chain: Link[];

    before(async function start() {
      this.timeout(120_000);
      deployment = await createDeployment({
        conf: { DEFAULT: ['crypt_strength = 1000'], token: [`provider = ${provider}`] },
      });
      cloud = await serve(deployment);
      admin = await cloud.adminToken();
    });
    after(() => cloud?.stop());

    const made = async (path: string, body: object): Promise<string> => {
      const answer = await cloud.request('POST', path, admin, body);
      return (Object.values(answer.body)[0] as { id: string }).id;
    };
    const linkOf = (answer: Answer): Link => ({
      id: tokenOf(answer),
      auditIds: (answer.body['token'] as { audit_ids: string[] }).audit_ids,
    });
    /** Rescope by API v2.0. */
    const rescopeV2 = async (id: string, scope: object): Promise<Link> => {
      const answer = await cloud.request('POST', '/v2.0/tokens', null, { auth: { token: { id }, ...scope } });
      expect(answer.status, answer.text).to.equal(200);
      const { token } = answer.body['access'] as { token: { id: string; audit_ids: string[] } };
      return { id: token.id, auditIds: token.audit_ids };
    };
    /** Whether a token is good for anything: to call with, and to be validated by both versions of the API. */
    const expectUsable = async (id: string, usable: boolean): Promise<void> => {
      const call = await cloud.request('GET', '/v3/auth/projects', id);
      expect(call.status, 'a call with it').to.equal(usable ? 200 : 401);
      const subject = { 'X-Subject-Token': id };
      const validation = await cloud.request('GET', '/v3/auth/tokens', admin, undefined, subject);
      expect(validation.status, 'validation by v3').to.equal(usable ? 200 : 404);
      const old = await cloud.request('GET', `/v2.0/tokens/${id}`, admin);
      expect(old.status, 'validation by v2.0').to.equal(usable ? 200 : 404);
      const next = await rescope(cloud, id, { unscoped: {} });
      expect(next.status, 'rescoping').to.equal(usable ? 201 : 404);
    };
    const expectAll = async (usable: boolean, links: readonly Link[] = chain): Promise<void> => {
      for (const { id } of links) await expectUsable(id, usable);
    };

    beforeEach(async function build() {
      const name = String(this.currentTest?.title);
      projectId = await made('/v3/projects', { project: { name: name.slice(0, 60) } });
      userId = await made('/v3/users', { user: { name, password: PASSWORD } });
      const { body } = await cloud.request('GET', '/v3/roles?name=_member_', admin);
      const roleId = (body['roles'] as { id: string }[])[0]?.id;
      await cloud.request('PUT', `/v3/projects/${projectId}/users/${userId}/roles/${roleId}`, admin);

      chain = [linkOf(await cloud.signIn(userId, PASSWORD))];
      const last = (): string => chain.at(-1)?.id ?? '';
      // Each from the one before, by both versions of the API in turns.
      chain.push(linkOf(await rescope(cloud, last(), { project: { id: projectId } })));
      chain.push(await rescopeV2(last(), { tenantId: projectId }));
      chain.push(linkOf(await rescope(cloud, last(), { unscoped: {} })));
      chain.push(await rescopeV2(last(), {}));
      chain.push(linkOf(await rescope(cloud, last(), { project: { id: projectId } })));
    });

    it('and tells so to who validates it', async () => {
      const [root = { id: '', auditIds: [] }, ...later] = chain;
      expect(root.auditIds).to.have.length(1);
      const own = new Set<string | undefined>(root.auditIds);
      for (const { id, auditIds } of later) {
        expect(auditIds).to.have.length(2);
        expect(auditIds[1]).to.equal(root.auditIds[0]);
        own.add(auditIds[0]);
        const told = await cloud.request('GET', '/v3/auth/tokens', admin, undefined, {
          'X-Subject-Token': id,
        });
        expect(told.body).to.have.nested.property('token.audit_ids').that.deep.equals(auditIds);
        const old = await cloud.request('GET', `/v2.0/tokens/${id}`, admin);
        expect(old.body).to.have.nested.property('access.token.audit_ids').that.deep.equals(auditIds);
      }
      expect(own.size).to.equal(chain.length);
    });

    it('and outlives the others when one of them is revoked, by either version of the API', async () => {
      const [first, second, ...later] = chain.map(({ id }) => id);
      await cloud.request('DELETE', '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': first ?? '' });
      await cloud.request('DELETE', `/v2.0/tokens/${second}`, admin);
      for (const id of [first ?? '', second ?? '']) await expectUsable(id, false);
      for (const id of later) await expectUsable(id, true);
    });

    it('and ends with the chain', async () => {
      const services = await createServices(deployment.load());
      try {
        await services.providers.revoke.revoke({ auditChainId: chain[0]?.auditIds[0] ?? '' });
      } finally {
        await services.close();
      }
      await expectAll(false);
      // Whoever signs in anew begins a chain of its own.
      await expectUsable(tokenOf(await cloud.signIn(userId, PASSWORD)), true);
    });

    it('and ends with what it stands on, with no way out by another rescoping', async () => {
      await expectAll(true);
      await cloud.request('PATCH', `/v3/users/${userId}`, admin, { user: { password: 'another' } });
      await expectAll(false);
    });

    it('and ends with its project, the others without', async () => {
      await cloud.request('PATCH', `/v3/projects/${projectId}`, admin, { project: { enabled: false } });
      const [root, scoped, scopedV2, unscoped, unscopedV2, last] = chain;
      await expectAll(
        false,
        [scoped, scopedV2, last].flatMap((each) => each ?? []),
      );
      await expectAll(
        true,
        [root, unscoped, unscopedV2].flatMap((each) => each ?? []),
      );
    });
  });
}
