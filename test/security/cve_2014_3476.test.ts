/** CVE-2014-3476: who had got a token by delegation could get another by it, with more roles. */
import { expect } from 'chai';
import { createDelegation, type Delegation } from './delegation.js';
import { rescope } from './support.js';

describe('CVE-2014-3476: a delegated token delegates no more than it has been given', () => {
  let scene: Delegation;
  const tokens: Record<string, string> = {};
  before(async function start() {
    this.timeout(120_000);
    scene = await createDelegation();
    tokens['a trust'] = await scene.trustToken();
    tokens['a trust that may be passed on'] = await scene.trustToken({
      allow_redelegation: true,
      redelegation_count: 2,
    });
    tokens['OAuth'] = await scene.oauthToken();
  });
  after(() => scene.stop());

  for (const by of ['a trust', 'a trust that may be passed on', 'OAuth']) {
    describe(`by ${by}`, () => {
      const token = (): string => tokens[by] ?? '';

      it('has the delegated role and no other', async () => {
        const { status, body } = await scene.cloud.request(
          'GET',
          '/v3/auth/tokens',
          scene.people.admin,
          undefined,
          {
            'X-Subject-Token': token(),
          },
        );
        expect(status).to.equal(200);
        expect(body).to.have.nested.property('token.user.id', scene.owner.id);
        const { roles } = body['token'] as { roles: { id: string }[] };
        expect(roles.map(({ id }) => id)).to.deep.equal([scene.role.id]);
      });

      it('is no proof for another token', async () => {
        const { project, elsewhere, owner } = scene;
        for (const scope of [
          { project: { id: project.id } },
          { project: { id: elsewhere.id } },
          { unscoped: {} },
        ]) {
          const { status, headers } = await rescope(scene.cloud, token(), scope);
          expect(status, JSON.stringify(scope)).to.equal(403);
          expect(headers.get('X-Subject-Token')).to.equal(null);
        }
        // Neither together with another proof.
        const { status } = await scene.cloud.request('POST', '/v3/auth/tokens', null, {
          auth: {
            identity: {
              methods: ['password', 'token'],
              password: { user: { id: owner.id, password: owner.password } },
              token: { id: token() },
            },
            scope: { project: { id: elsewhere.id } },
          },
        });
        expect(status).to.equal(403);
      });

      it('makes no trust with more roles, nor for another project', async () => {
        const { role, more, elsewhere } = scene;
        for (const attributes of [
          { roles: [{ id: role.id }, { id: more.id }] },
          { roles: [{ id: more.id }] },
          { project_id: elsewhere.id, roles: [{ id: more.id }] },
        ]) {
          const request = scene.trustRequest(attributes);
          const { status } = await scene.cloud.request('POST', '/v3/OS-TRUST/trusts', token(), request);
          expect(status, JSON.stringify(attributes)).to.equal(403);
        }
      });

      it('authorizes no consumer', async () => {
        const roles = [{ id: scene.role.id }];
        const path = `/v3/OS-OAUTH1/authorize/${await scene.requestToken()}`;
        expect((await scene.cloud.request('PUT', path, token(), { roles })).status).to.equal(403);
      });

      it(
        by === 'a trust that may be passed on' ? 'makes a trust of what it has' : 'makes no trust at all',
        async () => {
          const { status } = await scene.cloud.request(
            'POST',
            '/v3/OS-TRUST/trusts',
            token(),
            // It ends before the trust that it comes from.
            scene.trustRequest({ expires_at: new Date(Date.now() + 600_000).toISOString() }),
          );
          expect(status).to.equal(by === 'a trust that may be passed on' ? 201 : 403);
        },
      );
    });
  }
});
