/** CVE-2013-6391: EC2 credentials made with a token of a trust gave tokens with all roles of the trustor. */
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import { ec2Request, type KeyPair, s3Request } from '../api/signing.js';
import { createDelegation, type Delegation } from './delegation.js';

interface TokenBody {
  readonly user: { readonly id: string };
  readonly roles: readonly { readonly id: string }[];
  readonly 'OS-TRUST:trust'?: { readonly id: string };
}

describe('CVE-2013-6391: EC2 credentials that a trustee makes hold no more than the trust', () => {
  let scene: Delegation;
  let trustId: string;
  let token: string;
  before(async function start() {
    this.timeout(120_000);
    scene = await createDelegation();
    token = await scene.trustToken();
    const { body } = await validate(token);
    trustId = (body['token'] as TokenBody)['OS-TRUST:trust']?.id ?? '';
    expect(trustId).to.match(/^[0-9a-f]{32}$/);
  });
  after(() => scene.stop());

  const validate = (subject: string): Promise<Answer> =>
    scene.cloud.request('GET', '/v3/auth/tokens', scene.people.admin, undefined, {
      'X-Subject-Token': subject,
    });
  const ec2tokens = (credentials: object): Promise<Answer> =>
    scene.cloud.request('POST', '/v3/ec2tokens', scene.people.admin, { credentials });

  const made: Readonly<Record<string, () => Promise<KeyPair>>> = {
    'the API of EC2 credentials': async () => {
      const path = `/v3/users/${scene.owner.id}/credentials/OS-EC2`;
      const { status, body } = await scene.cloud.request('POST', path, token, {
        tenant_id: scene.project.id,
      });
      expect(status).to.equal(201);
      expect(body).to.have.nested.property('credential.trust_id', trustId);
      return body['credential'] as KeyPair;
    },
    'the API of credentials, by an administrator’s trust': async () => {
      const { people, cloud, owner, project } = scene;
      const strong = await scene.trustToken({ roles: [{ id: people.adminRole.id }] });
      const pair = { access: 'a-key-of-mine', secret: 'a-secret' };
      const credential = {
        type: 'ec2',
        user_id: owner.id,
        project_id: project.id,
        blob: JSON.stringify(pair),
      };
      const { status, body } = await cloud.request('POST', '/v3/credentials', strong, { credential });
      expect(status).to.equal(201);
      const { blob } = body['credential'] as { blob: string };
      expect(JSON.parse(blob))
        .to.have.property('trust_id')
        .that.matches(/^[0-9a-f]{32}$/);
      return pair;
    },
  };

  for (const [api, make] of Object.entries(made)) {
    it(`made by ${api}`, async () => {
      const pair = await make();
      const answer = await ec2tokens(ec2Request(pair));
      expect(answer.status, answer.text).to.equal(200);
      const body = answer.body['token'] as TokenBody;
      expect(body['OS-TRUST:trust'], 'the trust of the token').to.be.an('object');
      expect(body.roles).to.have.length(1);
      expect(body.roles[0]?.id).to.not.equal(scene.more.id);
      const told = (await validate(answer.headers.get('X-Subject-Token') ?? '')).body['token'] as TokenBody;
      expect(told.roles).to.deep.equal(body.roles);
      expect(told['OS-TRUST:trust']).to.deep.equal(body['OS-TRUST:trust']);
      const s3 = await scene.cloud.request('POST', '/v3/s3tokens', scene.people.admin, {
        credentials: s3Request(pair),
      });
      expect(s3.status).to.equal(200);
      expect(s3.text).not.to.contain(scene.more.id).and.not.contain(scene.more.name);
    });
  }

  it('and end with it', async () => {
    const pair = await (made['the API of EC2 credentials'] as () => Promise<KeyPair>)();
    const { cloud, ownerToken } = scene;
    expect((await cloud.request('DELETE', `/v3/OS-TRUST/trusts/${trustId}`, ownerToken)).status).to.equal(
      204,
    );
    const { status, headers } = await ec2tokens(ec2Request(pair));
    expect(status).to.be.oneOf([401, 403, 404]);
    expect(headers.get('X-Subject-Token')).to.equal(null);
  });
});
