/** CVE-2016-4911: a rescoped Fernet token forgot from which token it came, and got away from the chain's revocation. */
import { expect } from 'chai';
import { createServices } from '../../src/server/services.js';
import type { Answer } from '../api/cloud.js';
import { serve } from '../api/cloud.js';
import { Tenancy, tokenOf } from '../api/tenancy.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { expectUsable, rescope, type Stage } from './support.js';

describe('CVE-2016-4911: a token remembers the first of its chain however often it is rescoped', () => {
  let stage: Stage;
  let deployment: Deployment;
  let chain: Answer[];
  before(async function start() {
    this.timeout(60_000);
    deployment = await createDeployment({ conf: { DEFAULT: ['crypt_strength = 1000'] } });
    const cloud = await serve(deployment);
    const admin = await cloud.adminToken();
    const tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
    stage = { cloud, admin, tenancy };
  });
  after(() => stage.cloud.stop());

  beforeEach(async () => {
    const { cloud, tenancy } = stage;
    chain = [await cloud.signIn(tenancy.alice.id, tenancy.alice.password)];
    const scopes = [
      { project: { id: tenancy.project.id } },
      { domain: { id: tenancy.domain.id } },
      { unscoped: {} },
      { project: { id: tenancy.project.id } },
    ];
    for (const scope of scopes) chain.push(await rescope(cloud, tokenOf(chain.at(-1) as Answer), scope));
  });

  const auditIds = ({ body }: Answer): string[] => (body['token'] as { audit_ids: string[] }).audit_ids;

  it('and tells so to who validates it', async () => {
    const { cloud, admin } = stage;
    const [first = ''] = auditIds(chain[0] as Answer);
    const own = new Set<string | undefined>();
    for (const answer of chain.slice(1)) {
      const told = await cloud.request('GET', '/v3/auth/tokens', admin, undefined, {
        'X-Subject-Token': tokenOf(answer),
      });
      expect(auditIds(told)).to.deep.equal(auditIds(answer));
      expect(auditIds(answer)).to.have.length(2);
      expect(auditIds(answer)[1]).to.equal(first);
      own.add(auditIds(answer)[0]);
    }
    expect(own.size).to.equal(chain.length - 1);
  });

  it('and ends with the chain, but not with one of the others', async () => {
    const { cloud } = stage;
    const [first = '', ...later] = chain.map(tokenOf);
    await cloud.request('DELETE', '/v3/auth/tokens', first, undefined, { 'X-Subject-Token': first });
    await expectUsable(stage, first, false);
    for (const token of later) await expectUsable(stage, token, true);

    const services = await createServices(deployment.load());
    try {
      await services.providers.revoke.revoke({ auditChainId: auditIds(chain[0] as Answer)[0] as string });
    } finally {
      await services.close();
    }
    for (const token of later) await expectUsable(stage, token, false);
    // Whoever signs in anew begins a chain of its own.
    const fresh = await cloud.signIn(stage.tenancy.alice.id, stage.tenancy.alice.password);
    await expectUsable(stage, tokenOf(fresh), true);
  });
});
