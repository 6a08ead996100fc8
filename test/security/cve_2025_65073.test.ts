/** CVE-2025-65073: everybody who saw a signed request could have it turned into a token of its signer. */
import { expect } from 'chai';
import type { Entity } from '../api/people.js';
import { ec2Request, type KeyPair, s3Request } from '../api/signing.js';
import { type Scene, setScene } from './delegation_support.js';

const ROUTES = [
  ['/v3/ec2tokens', ec2Request],
  ['/v3/s3tokens', s3Request],
  ['/v2.0/ec2tokens', ec2Request],
] as const;

describe('CVE-2025-65073: signatures are for services', () => {
  let scene: Scene;
  let pair: KeyPair;
  let serviceRole: Entity | undefined;
  const ask = async (route: (typeof ROUTES)[number], token: string | null): Promise<number> => {
    const [path, sign] = route;
    return (await scene.cloud.request('POST', path, token, { credentials: sign(pair) })).status;
  };
  const start = async (conf: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    scene = await setScene({}, conf);
    pair = await scene.keyPair(scene.ownerToken);
  };

  describe('by default', () => {
    before(async function prepare() {
      this.timeout(120_000);
      await start({});
    });
    after(() => scene.stop());

    for (const route of ROUTES) {
      it(`${route[0]} answers 401 to callers without a token, and does not look at their signature`, async () => {
        expect(await ask(route, null)).to.equal(401);
        const unknown = { credentials: { access: 'unknown' } };
        expect((await scene.cloud.request('POST', route[0], null, unknown)).status).to.equal(401);
      });

      it(`${route[0]} answers 403 to users, and gives tokens to services and administrators`, async () => {
        const { people, project } = scene;
        expect(await ask(route, scene.ownerToken)).to.equal(403);
        const service = await people.user();
        serviceRole ??= await people.role({ name: 'service' });
        await people.grant(service, project, serviceRole);
        expect(await ask(route, await people.tokenFor(service, project))).to.equal(200);
        expect(await ask(route, people.admin)).to.equal(200);
      });
    }
  });

  describe('with ec2_s3_tokens_require_authentication = false', () => {
    before(async function prepare() {
      this.timeout(120_000);
      await start({ keystone_koa: ['ec2_s3_tokens_require_authentication = false'] });
    });
    after(() => scene.stop());

    for (const route of ROUTES) {
      it(`${route[0]} is as open as it was`, async () => {
        expect(await ask(route, null)).to.equal(200);
      });
    }
  });
});
