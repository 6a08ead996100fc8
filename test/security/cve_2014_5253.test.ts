/** CVE-2014-5253: tokens for a domain stayed good when the domain was disabled. */
import { expect } from 'chai';
import { type Credentials, expectUsable, type Stage, setStage, signIn } from './support.js';

describe('CVE-2014-5253: with a domain end all tokens that have to do with it', () => {
  let stage: Stage;
  /** Somebody of another domain. */
  let guest: Credentials;
  let tokens: Readonly<Record<string, string>>;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage();
    const { cloud, admin, tenancy } = stage;
    const { alice, domain, project, role } = tenancy;
    guest = await tenancy.user({ domain_id: 'default' });
    await tenancy.grant('PUT', guest.id, project.id);
    await cloud.request('PUT', `/v3/domains/${domain.id}/users/${guest.id}/roles/${role.id}`, admin);
    tokens = {
      'of the domain': await signIn(cloud, alice, { domain: { id: domain.id } }),
      'of a project in it': await signIn(cloud, alice, { project: { id: project.id } }),
      'without a scope, of a user in it': await signIn(cloud, alice, { unscoped: {} }),
      'of the domain, for a user of another': await signIn(cloud, guest, { domain: { id: domain.id } }),
      'of a project in it, for a user of another domain': await signIn(cloud, guest, {
        project: { id: project.id },
      }),
    };
    for (const token of Object.values(tokens)) await expectUsable(stage, token, true);
    const { status } = await cloud.request('PATCH', `/v3/domains/${domain.id}`, admin, {
      domain: { enabled: false },
    });
    expect(status).to.equal(200);
  });
  after(() => stage.cloud.stop());

  for (const kind of [
    'of the domain',
    'of a project in it',
    'without a scope, of a user in it',
    'of the domain, for a user of another',
    'of a project in it, for a user of another domain',
  ]) {
    it(`those ${kind}`, () => expectUsable(stage, tokens[kind] ?? '', false));
  }

  it('and none of them comes back when the domain does', async () => {
    const { cloud, admin, tenancy } = stage;
    await cloud.request('PATCH', `/v3/domains/${tenancy.domain.id}`, admin, { domain: { enabled: true } });
    for (const token of Object.values(tokens)) await expectUsable(stage, token, false);
    await signIn(cloud, tenancy.alice, { domain: { id: tenancy.domain.id } });
  });
});
