/** CVE-2012-4413: tokens kept the roles that had been taken from their users. */
import { type Credentials, expectUsable, type Stage, setStage, signIn } from './support.js';

describe('CVE-2012-4413: who loses a role loses the tokens that have it', () => {
  let stage: Stage;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage();
  });
  after(() => stage.cloud.stop());

  async function holder(): Promise<{ user: Credentials; here: string; elsewhere: string }> {
    const { tenancy, cloud } = stage;
    const user = await tenancy.user();
    const other = await tenancy.newProject();
    await tenancy.grant('PUT', user.id, tenancy.project.id);
    await tenancy.grant('PUT', user.id, other.id);
    const here = await signIn(cloud, user, { project: { id: tenancy.project.id } });
    const elsewhere = await signIn(cloud, user, { project: { id: other.id } });
    await expectUsable(stage, here, true);
    return { user, here, elsewhere };
  }

  it('when the grant on the project is revoked, and keeps the others', async () => {
    const { user, here, elsewhere } = await holder();
    await stage.tenancy.grant('DELETE', user.id, stage.tenancy.project.id);
    await expectUsable(stage, here, false);
    await expectUsable(stage, elsewhere, true);
  });

  it('when the grant on the domain is revoked', async () => {
    const { cloud, admin, tenancy } = stage;
    const user = await tenancy.user();
    const grant = `/v3/domains/${tenancy.domain.id}/users/${user.id}/roles/${tenancy.role.id}`;
    await cloud.request('PUT', grant, admin);
    const token = await signIn(cloud, user, { domain: { id: tenancy.domain.id } });
    await expectUsable(stage, token, true);
    await cloud.request('DELETE', grant, admin);
    await expectUsable(stage, token, false);
  });

  it('when the group loses it, or the user leaves the group', async () => {
    const { cloud, admin, tenancy } = stage;
    for (const loss of ['grant', 'membership']) {
      const user = await tenancy.user();
      const group = await tenancy.create('group', { domain_id: tenancy.domain.id });
      const paths = {
        grant: `/v3/projects/${tenancy.project.id}/groups/${group.id}/roles/${tenancy.role.id}`,
        membership: `/v3/groups/${group.id}/users/${user.id}`,
      };
      await cloud.request('PUT', paths.grant, admin);
      await cloud.request('PUT', paths.membership, admin);
      const token = await signIn(cloud, user, { project: { id: tenancy.project.id } });
      await expectUsable(stage, token, true);
      await cloud.request('DELETE', loss === 'grant' ? paths.grant : paths.membership, admin);
      await expectUsable(stage, token, false);
    }
  });

  it('when the role is deleted', async () => {
    const { cloud, admin, tenancy } = stage;
    const role = await tenancy.create('role', {});
    const user = await tenancy.user();
    await tenancy.grant('PUT', user.id, tenancy.project.id, role.id);
    const token = await signIn(cloud, user, { project: { id: tenancy.project.id } });
    await cloud.request('DELETE', `/v3/roles/${role.id}`, admin);
    await expectUsable(stage, token, false);
  });

  it('also in the eyes of another process that has validated the token before', async () => {
    const twin = await stage.cloud.twin();
    const { user, here } = await holder();
    await expectUsable({ ...stage, cloud: twin }, here, true);
    await stage.tenancy.grant('DELETE', user.id, stage.tenancy.project.id);
    await expectUsable({ ...stage, cloud: twin }, here, false);
  });
});
