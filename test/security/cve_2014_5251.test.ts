/** CVE-2014-5251: stores that cut the fraction of a second off let tokens live beyond their end or their revocation. */
import { expect } from 'chai';
import { tokenOf } from '../api/tenancy.js';
import { later } from '../support/clock.js';
import { expectUsable, rescope, type Stage, setStage, signIn } from './support.js';

describe('CVE-2014-5251: the fraction of a second lets no token live on', () => {
  let stage: Stage;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage();
  });
  after(() => stage.cloud.stop());

  it('a token that is revoked in the second of its issue stays revoked', async () => {
    const { cloud, tenancy } = stage;
    // Wherever the second begins, some of them are whole and some are not.
    for (const fraction of [0, 200, 400, 600, 800]) {
      await later(fraction, async () => {
        const token = await signIn(cloud, tenancy.alice, { unscoped: {} });
        const { status } = await cloud.request('DELETE', '/v3/auth/tokens', token, undefined, {
          'X-Subject-Token': token,
        });
        expect(status).to.equal(204);
        await expectUsable(stage, token, false);
      });
    }
  });

  it('a token ends when it says so, and what it was rescoped to ends with it', async () => {
    const { cloud, tenancy } = stage;
    const { alice, project } = tenancy;
    const answer = await cloud.signIn(alice.id, alice.password);
    const token = tokenOf(answer);
    const { expires_at: end } = answer.body['token'] as { expires_at: string };
    const left = (): number => Date.parse(end) - Date.now();
    const next = await later(Math.floor(left() / 2), () =>
      rescope(cloud, token, { project: { id: project.id } }),
    );
    expect(next.body).to.have.nested.property('token.expires_at', end);
    const both = [token, tokenOf(next)];
    await later(left() - 60_000, async () => {
      // The first token of the administrator may have ended by then.
      const then = { ...stage, admin: await cloud.adminToken() };
      for (const good of both) await expectUsable(then, good, true);
    });
    await later(left(), async () => {
      const admin = await cloud.adminToken();
      for (const dead of both) {
        expect((await cloud.request('GET', '/v3/auth/projects', dead)).status).to.equal(401);
        const asked = await cloud.request('GET', '/v3/auth/tokens', admin, undefined, {
          'X-Subject-Token': dead,
        });
        expect(asked.status).to.equal(404);
        expect((await rescope(cloud, dead, { unscoped: {} })).status).to.equal(404);
      }
    });
  });
});
