/** CVE-2014-5251: stores that cut the fraction of a second off let tokens live beyond their end or their revocation. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { tokenOf } from '../api/tenancy.js';
import { expectUsable, rescope, type Stage, setStage, signIn } from './support.js';

const LIFE = 2;

describe('CVE-2014-5251: the fraction of a second lets no token live on', () => {
  let stage: Stage;
  let short: Stage;
  before(async function start() {
    this.timeout(60_000);
    stage = await setStage();
    short = await setStage({ token: [`expiration = ${LIFE}`] });
  });
  after(async () => {
    await stage.cloud.stop();
    await short.cloud.stop();
  });

  it('a token that is revoked in the second of its issue stays revoked', async () => {
    const { cloud, tenancy } = stage;
    for (let round = 0; round < 5; round += 1) {
      const token = await signIn(cloud, tenancy.alice, { unscoped: {} });
      const { status } = await cloud.request('DELETE', '/v3/auth/tokens', token, undefined, {
        'X-Subject-Token': token,
      });
      expect(status).to.equal(204);
      await expectUsable(stage, token, false);
      await sleep(150);
    }
  });

  it('a token ends when it says so, and what it was rescoped to ends with it', async () => {
    const { cloud, tenancy } = short;
    const { alice, project } = tenancy;
    const answer = await cloud.signIn(alice.id, alice.password);
    const token = tokenOf(answer);
    const { expires_at: end } = answer.body['token'] as { expires_at: string };
    await sleep(LIFE * 400);
    const next = await rescope(cloud, token, { project: { id: project.id } });
    expect(next.body).to.have.nested.property('token.expires_at', end);
    await sleep(Math.max(0, Date.parse(end) - Date.now()) + 50);
    for (const dead of [token, tokenOf(next)]) {
      expect((await cloud.request('GET', '/v3/auth/projects', dead)).status).to.equal(401);
      const asked = await cloud.request('GET', '/v3/auth/tokens', await cloud.adminToken(), undefined, {
        'X-Subject-Token': dead,
      });
      expect(asked.status).to.equal(404);
      expect((await rescope(cloud, dead, { unscoped: {} })).status).to.equal(404);
    }
  });
});
