/** What tokens stand on is kept while it is true, and within bounds. */
import { expect } from 'chai';
import { type Deployment, deploy } from '../identity/deployment.js';

const PROJECTS = 60;
const ENDPOINTS = 200;

describe('what tokens stand on', () => {
  let cloud: Deployment;
  before(async () => {
    cloud = await deploy('[keystone_koa]', 'token_memory = 1');
  });
  after(() => cloud.close());

  it('is kept for those who came last, in no more memory than it may take', async function bounds() {
    this.timeout(120_000);
    const { database, providers } = cloud;
    // Each project's catalog takes some 50 KB: no endpoint is the same in two of them.
    await database.table('service').insert({ id: 's', type: 'compute', enabled: true, extra: '{}' });
    await database.table('endpoint').insertMany(
      Array.from({ length: ENDPOINTS }, (_, number) => ({
        id: `e${number}`,
        interface: 'public',
        service_id: 's',
        url: `https://compute.example.com:${number}/v2.1/$(tenant_id)s`,
        enabled: true,
        extra: '{}',
      })),
    );
    const { id: userId } = await providers.identity.createUser({ name: 'u', domain_id: 'default' }, null);
    const { id: roleId } = await providers.role.createRole({ name: 'member' }, null);
    const projects = Array.from({ length: PROJECTS }, (_, number) => `p${number}`);
    for (const id of projects) {
      await providers.resource.createProject({ name: id, domain_id: 'default' }, null, id);
      await database
        .table('assignment')
        .insert({ type: 'UserProject', actor_id: userId, target_id: id, role_id: roleId, inherited: false });
    }
    const catalog = async (projectId: string): Promise<unknown> => {
      const { body } = await providers.token.issueToken({ userId, methods: ['password'], projectId });
      expect(body.catalog?.[0]?.endpoints).to.have.length(ENDPOINTS);
      return body.catalog;
    };
    const before = await catalog('p0');
    expect(await catalog('p0')).to.equal(before);
    for (const id of projects) await catalog(id);
    expect(await catalog('p0')).not.to.equal(before);
    expect(await catalog('p59')).to.equal(await catalog('p59'));
  });
});
