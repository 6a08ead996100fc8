/** CVE-2020-12689: EC2 credentials made with a limited token gave tokens with all roles of their user. */
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import type { Entity } from '../api/people.js';
import { ec2Request, type KeyPair } from '../api/signing.js';
import { rolesIn, type Scene, setScene } from './delegation_support.js';

describe('CVE-2020-12689: a limited token makes no unlimited credential', () => {
  let scene: Scene;
  before(async function prepare() {
    this.timeout(120_000);
    scene = await setScene({
      'identity:create_credential': '',
      'identity:update_credential': '',
      'identity:get_credential': '',
    });
  });
  after(() => scene.stop());

  const use = (pair: KeyPair): Promise<Answer> =>
    scene.cloud.request('POST', '/v3/ec2tokens', scene.people.admin, { credentials: ec2Request(pair) });
  const store = (
    token: string,
    access: string,
    blob: object = {},
    attributes: object = {},
  ): Promise<Entity> => {
    const { owner, project, people } = scene;
    const credential = {
      user_id: owner.id,
      project_id: project.id,
      type: 'ec2',
      blob: JSON.stringify({ access, secret: 's', ...blob }),
      ...attributes,
    };
    return people.must(token, 'POST', '/v3/credentials', { credential }, 'credential');
  };

  it('a key pair by a trust gives tokens of the trust', async () => {
    const trust = await scene.trust();
    const pair = await scene.keyPair(await scene.trustToken(trust));
    const answer = await use(pair);
    expect(answer.status, answer.text).to.equal(200);
    expect(rolesIn(answer)).to.deep.equal([scene.lesser.id]);
    expect(answer.body).to.have.nested.property('token.OS-TRUST:trust.id', trust.id);
    await scene.people.must(scene.ownerToken, 'DELETE', `/v3/OS-TRUST/trusts/${trust.id}`);
    expect((await use(pair)).status).to.equal(401);
  });

  it('a key pair by an OAuth token gives tokens of the access token', async () => {
    const answer = await use(await scene.keyPair(await scene.oauthToken()));
    expect(answer.status, answer.text).to.equal(200);
    expect(rolesIn(answer)).to.deep.equal([scene.lesser.id]);
    expect(answer.body).to.have.nested.property('token.OS-OAUTH1.consumer_id');
  });

  it('and so does a credential that says something else of itself', async () => {
    const trust = await scene.trust({ expires_at: '2999-01-01T00:00:00Z' });
    const foreign = { trust_id: null, access_token_id: 'x', app_cred_id: 'y' };
    await store(await scene.trustToken(trust), 'one', foreign);
    const byTrust = await use({ access: 'one', secret: 's' });
    expect(byTrust.status, byTrust.text).to.equal(200);
    expect(rolesIn(byTrust)).to.deep.equal([scene.lesser.id]);
    await store(await scene.oauthToken(), 'two', { trust_id: trust.id });
    expect(rolesIn(await use({ access: 'two', secret: 's' }))).to.deep.equal([scene.lesser.id]);
  });

  it('the limit cannot be taken away, at once or by way of another type', async () => {
    const trust = await scene.trust({ expires_at: '2998-01-01T00:00:00Z' });
    const token = await scene.trustToken(trust);
    const { id, blob } = await store(token, 'three');
    const path = `/v3/credentials/${id}`;
    const change = async (credential: object): Promise<number> =>
      (await scene.cloud.request('PATCH', path, token, { credential })).status;
    const free = JSON.stringify({ access: 'three', secret: 's' });
    expect(await change({ blob: free })).to.equal(400);
    expect(await change({ blob: free, type: 'cert' })).to.equal(400);
    expect(await change({ type: 'cert' })).to.equal(200);
    expect(await change({ blob: free })).to.equal(400);
    expect(await change({ type: 'ec2' })).to.equal(200);
    expect(await scene.people.must(token, 'GET', path, undefined, 'credential')).to.include({ blob });
    expect(rolesIn(await use({ access: 'three', secret: 's' }))).to.deep.equal([scene.lesser.id]);
  });

  it('a credential of a delegation is good for its user and project alone', async () => {
    const trust = await scene.trust({ expires_at: '2997-01-01T00:00:00Z' });
    const token = await scene.trustToken(trust);
    await store(token, 'four', {}, { user_id: (await scene.people.user()).id });
    await store(token, 'five', {}, { project_id: (await scene.people.project()).id });
    for (const access of ['four', 'five']) expect((await use({ access, secret: 's' })).status).to.equal(401);
  });

  it('no delegated token plants a passcode secret', async () => {
    const trust = await scene.trust({ expires_at: '2996-01-01T00:00:00Z' });
    const { cloud, owner } = scene;
    const credential = { user_id: owner.id, type: 'totp', blob: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' };
    for (const token of [await scene.trustToken(trust), await scene.oauthToken()]) {
      expect((await cloud.request('POST', '/v3/credentials', token, { credential })).status).to.equal(403);
      const { id } = await store(token, `cert-of-${token.slice(-20)}`, {}, { type: 'cert' });
      const changed = await cloud.request('PATCH', `/v3/credentials/${id}`, token, {
        credential: { type: 'totp' },
      });
      expect(changed.status).to.equal(403);
    }
  });

  it('a credential limited by what this service does not know gives nothing', async () => {
    await store(scene.ownerToken, 'six', { app_cred_id: 'unknown' });
    expect((await use({ access: 'six', secret: 's' })).status).to.equal(401);
  });
});
