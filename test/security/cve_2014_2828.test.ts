/** CVE-2014-2828: a method named many times in one request was tried as many times. */
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import { type Stage, setStage } from './support.js';

const TIMES = 5_000;

describe('CVE-2014-2828: a method that a request names many times is tried once', () => {
  let stage: Stage;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage({ security_compliance: ['lockout_failure_attempts = 2'] });
  });
  after(() => stage.cloud.stop());

  const signIn = (id: string, password: string, methods: readonly string[]): Promise<Answer> =>
    stage.cloud.request('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods, password: { user: { id, password } } }, scope: { unscoped: {} } },
    });
  const repeated = Array.from({ length: TIMES }, () => 'password');

  it('so that one request is one failed attempt', async () => {
    const { id, password } = await stage.tenancy.user();
    expect((await signIn(id, 'wrong', repeated)).status).to.equal(401);
    expect((await signIn(id, password, ['password'])).status).to.equal(201);
  });

  it('so that the token names it once', async () => {
    const { id, password } = await stage.tenancy.user();
    const { status, body } = await signIn(id, password, repeated);
    expect(status).to.equal(201);
    expect(body).to.have.nested.property('token.methods').that.deep.equals(['password']);
  });

  it('so that it costs the work of one', async () => {
    const { id, password } = await stage.tenancy.user();
    /** Milliseconds of this process, in which the service runs: what else the machine does does not count. */
    const work = async (methods: readonly string[]): Promise<number> => {
      const begin = process.cpuUsage();
      expect((await signIn(id, password, methods)).status).to.equal(201);
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / 1e3;
    };
    await work(['password']);
    const once = await work(['password']);
    expect(await work(repeated)).to.be.below((TIMES / 10) * once);
  });
});
