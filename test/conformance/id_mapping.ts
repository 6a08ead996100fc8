/** What every store of public ids promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import type { IdMappingDriver } from '../../src/subsystems/id_mapping/driver.js';
import type { Mapping } from '../../src/subsystems/id_mapping/types.js';

/** @param driverOf gives the store under test; the suite makes domains of its own and leaves others alone */
export function idMappingDriverSuite(driverOf: () => IdMappingDriver): void {
  let domainId: string;
  beforeEach(() => {
    domainId = uuidHex();
  });

  const mapping = (localId: string, more: Partial<Mapping> = {}): Mapping => ({
    publicId: uuidHex(),
    domainId,
    localId,
    type: 'user',
    ...more,
  });

  it('finds what was stored from both sides', async () => {
    const ann = mapping('ann');
    const group = mapping('ann', { type: 'group' });
    await driverOf().create([ann, group]);
    expect(await driverOf().get(ann.publicId)).to.deep.equal(ann);
    expect(await driverOf().get(group.publicId)).to.deep.equal(group);
    expect(await driverOf().getMany([ann.publicId, 'unknown', group.publicId])).to.have.deep.members([
      ann,
      group,
    ]);
    expect([...(await driverOf().publicIds(domainId, 'user', ['ann', 'bob']))]).to.deep.equal([
      ['ann', ann.publicId],
    ]);
    expect([...(await driverOf().publicIds(uuidHex(), 'user', ['ann']))]).to.deep.equal([]);
  });

  it('knows nothing of ids that no database can hold', async () => {
    expect(await driverOf().get('a\0b')).to.equal(null);
    expect(await driverOf().get('x'.repeat(500))).to.equal(null);
    expect(await driverOf().getMany(['a\0b'])).to.deep.equal([]);
  });

  it('leaves alone what is there already, whichever side is taken', async () => {
    const ann = mapping('ann');
    await driverOf().create([ann]);
    const late = mapping('ann');
    const taken = mapping('bob', { publicId: ann.publicId });
    const fresh = mapping('eve');
    await driverOf().create([late, taken, fresh]);
    expect(await driverOf().get(ann.publicId)).to.deep.equal(ann);
    expect(await driverOf().get(late.publicId)).to.equal(null);
    expect(await driverOf().get(fresh.publicId)).to.deep.equal(fresh);
  });

  it('takes many at once, from several writers at the same time', async () => {
    const names = Array.from({ length: 2500 }, (_, position) => `user-${position}`);
    const counts: number[] = [];
    await Promise.all([
      driverOf().create(
        names.map((name) => mapping(name)),
        (done) => counts.push(done),
      ),
      driverOf().create(names.map((name) => mapping(name))),
    ]);
    expect(counts.at(-1)).to.equal(2500);
    expect(await driverOf().count({ domainId })).to.equal(2500);
    const ids = await driverOf().publicIds(domainId, 'user', names);
    expect(names.filter((name) => !ids.has(name))).to.deep.equal([]);
    expect((await driverOf().publicIds(domainId, 'user', names.slice(0, 700))).size).to.equal(700);
  });

  it('lets an id go to another entity', async () => {
    const ann = mapping('ann');
    await driverOf().create([ann]);
    const moved = { ...ann, domainId: uuidHex() };
    await driverOf().move(moved);
    expect(await driverOf().get(ann.publicId)).to.deep.equal(moved);
  });

  it('deletes what is named, and nothing else', async () => {
    const [ann, bob] = [mapping('ann'), mapping('bob')];
    await driverOf().create([ann, bob]);
    await driverOf().delete([ann.publicId, 'unknown']);
    expect(await driverOf().list({ domainId })).to.deep.equal([bob]);
  });

  describe('purge', () => {
    it('meets all that is asked for', async () => {
      const kept = [mapping('ann', { type: 'group' }), mapping('bob')];
      const gone = mapping('ann');
      await driverOf().create([...kept, gone]);
      const filter = { domainId, localId: 'ann', type: 'user' } as const;
      expect(await driverOf().count(filter)).to.equal(1);
      expect(await driverOf().purge(filter)).to.equal(1);
      expect(await driverOf().list({ domainId })).to.have.deep.members(kept);
      expect(await driverOf().purge({ publicId: kept[0]?.publicId ?? '' })).to.equal(1);
      expect(await driverOf().list({ domainId })).to.deep.equal([kept[1]]);
    });

    it('goes in steps and tells of them', async () => {
      await driverOf().create(Array.from({ length: 2100 }, (_, position) => mapping(`user-${position}`)));
      const steps: number[] = [];
      expect(await driverOf().purge({ domainId }, (done) => steps.push(done))).to.equal(2100);
      expect(steps).to.deep.equal([1000, 2000, 2100]);
      expect(await driverOf().count({ domainId })).to.equal(0);
    });
  });
}
