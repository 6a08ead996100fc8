/** CVE-2019-19687: whoever was allowed to list credentials saw those of everybody. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Entity } from '../api/people.js';
import { type Scene, setScene } from './delegation_support.js';

const SAMPLE = join(import.meta.dirname, '../../etc/policy.v3cloudsample.json');
/** The rule by which the sample policy lets users list credentials. */
const RULE =
  (JSON.parse(readFileSync(SAMPLE, 'utf8')) as Record<string, string>)['identity:list_credentials'] ?? '!';

describe('CVE-2019-19687: a list of credentials holds only one’s own', () => {
  let scene: Scene;
  let own: Entity;
  let foreign: Entity;

  async function start(rules: Readonly<Record<string, string>>): Promise<void> {
    scene = await setScene(rules);
    const { people, owner, helper } = scene;
    const create = (user: Entity): Promise<Entity> => {
      const credential = { user_id: user.id, type: 'cert', blob: 'secret' };
      return people.must(people.admin, 'POST', '/v3/credentials', { credential }, 'credential');
    };
    [own, foreign] = [await create(owner), await create(helper)];
  }

  async function list(token: string, query = ''): Promise<{ status: number; ids: string[] }> {
    const { status, body } = await scene.cloud.request('GET', `/v3/credentials${query}`, token);
    return { status, ids: ((body['credentials'] ?? []) as Entity[]).map(({ id }) => id) };
  }

  describe('where policy lets everybody list', () => {
    before(async function prepare() {
      this.timeout(120_000);
      await start({ 'identity:list_credentials': '' });
    });
    after(() => scene.stop());

    it('users see their own, whatever they ask for', async () => {
      const { owner, helper, ownerToken } = scene;
      expect(await list(ownerToken)).to.deep.equal({ status: 200, ids: [own.id] });
      expect((await list(ownerToken, `?user_id=${owner.id}`)).ids).to.deep.equal([own.id]);
      expect((await list(ownerToken, '?type=cert')).ids).to.deep.equal([own.id]);
      for (const query of [
        `?user_id=${helper.id}`,
        `?user_id__contains=${helper.id}`,
        `?user_id=${owner.id}&user_id=${helper.id}`,
      ]) {
        expect((await list(ownerToken, query)).ids, query).to.deep.equal([]);
      }
    });

    it('administrators see all', async () => {
      expect((await list(scene.people.admin)).ids).to.include.members([own.id, foreign.id]);
    });
  });

  describe('where policy lets users list their own', () => {
    before(async function prepare() {
      this.timeout(120_000);
      await start({ 'identity:list_credentials': RULE });
    });
    after(() => scene.stop());

    it('they must say so, and see no others', async () => {
      const { owner, helper, ownerToken } = scene;
      expect(await list(ownerToken, `?user_id=${owner.id}`)).to.deep.equal({ status: 200, ids: [own.id] });
      expect((await list(ownerToken)).status).to.equal(403);
      expect((await list(ownerToken, `?user_id=${helper.id}`)).status).to.equal(403);
      expect((await list(ownerToken, `?user_id=${owner.id}&user_id=${helper.id}`)).status).to.equal(403);
      expect((await list(ownerToken, `?user_id=${owner.id}&user_id__contains=`)).ids).to.deep.equal([own.id]);
    });
  });
});
