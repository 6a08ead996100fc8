/** CVE-2020-12692: an EC2 signature that somebody recorded was good for ever. */
import { expect } from 'chai';
import { ec2Request, ec2RequestV4, type KeyPair, now } from '../api/signing.js';
import { type Scene, setScene } from './delegation_support.js';

const MINUTE = 60_000;

describe('CVE-2020-12692: EC2 signatures grow old', () => {
  let scene: Scene;
  let pair: KeyPair;
  before(async function prepare() {
    this.timeout(120_000);
    scene = await setScene({}, { credential: ['auth_ttl = 5'] });
    pair = await scene.keyPair(scene.ownerToken);
  });
  after(() => scene.stop());

  const ask = async (credentials: object): Promise<number> =>
    (await scene.cloud.request('POST', '/v3/ec2tokens', scene.people.admin, { credentials })).status;
  const at = (minutes: number): number => Date.now() + minutes * MINUTE;

  it('after [credential] auth_ttl minutes, and before their time', async () => {
    for (const [minutes, status] of [
      [-4, 200],
      [-6, 401],
      [4, 200],
      [6, 401],
      [-60 * 24 * 365, 401],
    ] as const) {
      expect(await ask(ec2Request(pair, { Timestamp: now(at(minutes)) })), `${minutes} minutes`).to.equal(
        status,
      );
      expect(await ask(ec2RequestV4(pair, at(minutes))), `${minutes} minutes, version 4`).to.equal(status);
    }
  });

  it('when they say until when they are good instead', async () => {
    expect(await ask(ec2Request(pair, { Expires: now(at(1)) }))).to.equal(200);
    expect(await ask(ec2Request(pair, { Expires: now(at(-1)) }))).to.equal(401);
    expect(await ask(ec2Request(pair, { Expires: now(at(60)) }))).to.equal(401);
  });

  it('and are refused when they do not tell their age', async () => {
    expect(await ask(ec2Request(pair, {}))).to.equal(401);
    expect(await ask(ec2Request(pair, { Timestamp: 'yesterday' }))).to.equal(401);
  });

  it('and do not get younger by a time that they do not cover', async () => {
    const old = ec2RequestV4(pair, at(-60)) as Record<string, unknown>;
    expect(await ask({ ...old, params: { Timestamp: now() } })).to.equal(401);
    expect(await ask({ ...old, params: { 'X-Amz-Date': now().replace(/[-:]/g, '') } })).to.equal(401);
    const withVersion = { Timestamp: now(), SignatureVersion: '4' };
    expect(await ask({ ...old, params: withVersion })).to.equal(401);
  });
});
