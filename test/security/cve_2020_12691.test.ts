/** CVE-2020-12691: whoever could update a credential could make it one of another user or for another project. */
import { expect } from 'chai';
import type { Entity } from '../api/people.js';
import { type Scene, setScene } from './delegation_support.js';

const OWN = 'user_id:%(target.credential.user_id)s and project_id:%(target.credential.project_id)s';

describe('CVE-2020-12691: an update does not make a credential somebody else’s', () => {
  let scene: Scene;
  let credential: Entity;
  before(async function prepare() {
    this.timeout(120_000);
    scene = await setScene({
      'identity:create_credential': '',
      'identity:get_credential': `rule:admin_required or (${OWN})`,
      'identity:update_credential': `rule:admin_required or (${OWN})`,
    });
    const { people, owner, project, ownerToken } = scene;
    const blob = JSON.stringify({ access: 'key', secret: 's' });
    const body = { credential: { user_id: owner.id, project_id: project.id, type: 'ec2', blob } };
    credential = await people.must(ownerToken, 'POST', '/v3/credentials', body, 'credential');
  });
  after(() => scene.stop());

  const change = async (changes: object, token = scene.ownerToken): Promise<number> =>
    (await scene.cloud.request('PATCH', `/v3/credentials/${credential.id}`, token, { credential: changes }))
      .status;

  it('refuses a new owner and a new project with 403, and leaves the credential as it was', async () => {
    const elsewhere = await scene.people.project();
    expect(await change({ user_id: scene.helper.id })).to.equal(403);
    expect(await change({ project_id: elsewhere.id })).to.equal(403);
    expect(await change({ user_id: scene.helper.id, project_id: elsewhere.id })).to.equal(403);
    const stored = await scene.people.must(
      scene.ownerToken,
      'GET',
      `/v3/credentials/${credential.id}`,
      undefined,
      'credential',
    );
    expect(stored).to.deep.equal(credential);
  });

  it('still lets the owner change the rest, and administrators everything', async () => {
    expect(await change({ user_id: scene.owner.id, colour: 'red' })).to.equal(200);
    expect(await change({ user_id: scene.helper.id }, scene.people.admin)).to.equal(200);
    expect(await change({ colour: 'blue' })).to.equal(403);
  });
});
