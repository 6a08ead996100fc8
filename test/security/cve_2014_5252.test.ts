/** CVE-2014-5252: validating a token moved its time of issue, by which it got away from revocations before it. */
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import { tokenOf } from '../api/tenancy.js';
import { later } from '../support/clock.js';
import { expectUsable, type Stage, setStage } from './support.js';

interface Times {
  readonly issued_at: string;
  readonly expires_at: string;
}

describe('CVE-2014-5252: looking at a token does not make it younger', () => {
  let stage: Stage;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage();
  });
  after(() => stage.cloud.stop());

  const validate = (method: string, token: string): Promise<Answer> =>
    stage.cloud.request(method, '/v3/auth/tokens', stage.admin, undefined, { 'X-Subject-Token': token });

  it('it keeps its times however often and in whatever way it is validated', async () => {
    const { cloud, tenancy } = stage;
    const answer = await cloud.signIn(tenancy.alice.id, tenancy.alice.password);
    const token = tokenOf(answer);
    const { issued_at, expires_at } = answer.body['token'] as Times;
    // What is told later has whole seconds: that is what the token itself holds.
    const second = (time: string): string => time.slice(0, 19);
    for (let round = 1; round <= 3; round += 1) {
      await later(round * 600, async () => {
        expect((await validate('HEAD', token)).status).to.equal(200);
        const told = (await validate('GET', token)).body['token'] as Times;
        expect(second(told.issued_at)).to.equal(second(issued_at));
        expect(told.expires_at).to.equal(expires_at);
      });
    }
  });

  it('it is revoked by what happens after its issue, also when it was validated in between', async () => {
    const { cloud, admin, tenancy } = stage;
    const user = await tenancy.user();
    const token = await cloud.token(user.id, user.password);
    await later(1_100, async () => {
      await expectUsable(stage, token, true);
      await cloud.request('PATCH', `/v3/users/${user.id}`, admin, { user: { password: 'another' } });
      await expectUsable(stage, token, false);
    });
  });
});
