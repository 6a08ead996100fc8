/** What every store of trusts promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { Conflict } from '../../src/common/errors.js';
import type { TrustDriver } from '../../src/subsystems/trust/driver.js';
import type { Trust } from '../../src/subsystems/trust/types.js';
import { rejection } from '../support/rejection.js';

export function newTrust(attributes: Partial<Trust> = {}): Trust {
  return {
    id: uuidHex(),
    trustor_user_id: uuidHex(),
    trustee_user_id: uuidHex(),
    project_id: uuidHex(),
    impersonation: true,
    expires_at: null,
    deleted_at: null,
    remaining_uses: null,
    redelegated_trust_id: null,
    redelegation_count: 0,
    roleIds: [],
    extra: {},
    ...attributes,
  };
}

/** @param driverOf gives the backend under test; the suite makes ids of its own and leaves others alone */
export function trustDriverSuite(driverOf: () => TrustDriver): void {
  async function create(attributes: Partial<Trust> = {}): Promise<Trust> {
    const trust = newTrust(attributes);
    await driverOf().createTrust(trust);
    return trust;
  }
  const idsOf = (trusts: readonly Trust[]): string[] => trusts.map(({ id }) => id).sort();

  it('gives a trust back as it was stored', async () => {
    const trust = await create({
      expires_at: Date.UTC(2999, 0, 1, 12, 30, 15),
      remaining_uses: 3,
      redelegated_trust_id: uuidHex(),
      redelegation_count: 2,
      roleIds: ['role-1', 'role-2'],
      extra: { note: ['kept'] },
    });
    expect(await driverOf().getTrust(trust.id)).to.deep.equal(trust);
    const plain = await create({ project_id: null, impersonation: false });
    expect(await driverOf().getTrust(plain.id)).to.deep.equal(plain);
    expect(await driverOf().getTrust('unknown')).to.equal(null);
  });

  it('refuses a second trust that differs in nothing', async () => {
    const trust = await create({ expires_at: Date.UTC(2999, 0, 1) });
    const again = driverOf().createTrust({ ...trust, id: uuidHex() });
    expect(await rejection(again)).to.be.instanceOf(Conflict);
    await driverOf().createTrust({ ...trust, id: uuidHex(), expires_at: Date.UTC(2999, 0, 2) });
  });

  it('lists by trustor, trustee and project, without deleted ones', async () => {
    const [one, other, project] = [uuidHex(), uuidHex(), uuidHex()];
    const first = await create({ trustor_user_id: one, trustee_user_id: other, project_id: project });
    const second = await create({ trustor_user_id: one });
    const third = await create({ trustor_user_id: other, project_id: project });
    const gone = await create({ trustor_user_id: one, project_id: project });
    await driverOf().deleteTrust(gone.id);
    expect(idsOf(await driverOf().listTrusts({ trustorUserId: one }))).to.deep.equal(
      [first.id, second.id].sort(),
    );
    expect(idsOf(await driverOf().listTrusts({ trusteeUserId: other }))).to.deep.equal([first.id]);
    expect(idsOf(await driverOf().listTrusts({ projectId: project }))).to.deep.equal(
      [first.id, third.id].sort(),
    );
    const all = idsOf(await driverOf().listTrusts({}));
    expect(all).to.include.members([first.id, second.id, third.id]);
    expect(all).to.not.include(gone.id);
  });

  it('keeps deleted trusts, with the time of their deletion, and deletes them once', async () => {
    const trust = await create();
    const before = Date.now();
    expect(await driverOf().deleteTrust(trust.id)).to.equal(true);
    expect(await driverOf().deleteTrust(trust.id)).to.equal(false);
    expect(await driverOf().deleteTrust('unknown')).to.equal(false);
    expect(await driverOf().getTrust(trust.id)).to.equal(null);
    const kept = await driverOf().getTrust(trust.id, true);
    // Some databases keep whole seconds, rounded.
    expect(kept?.deleted_at).to.be.within(before - 1000, Date.now() + 1000);
  });

  it('finds the trusts that were made from one, with and without impersonation', async () => {
    const parent = await create();
    const impersonated = await create({
      trustor_user_id: parent.trustor_user_id,
      redelegated_trust_id: parent.id,
    });
    const plain = await create({
      trustor_user_id: parent.trustee_user_id,
      impersonation: false,
      redelegated_trust_id: parent.id,
    });
    await create({ trustor_user_id: parent.trustor_user_id });
    const children = await driverOf().listRedelegatedIds(parent);
    expect(children.sort()).to.deep.equal([impersonated.id, plain.id].sort());
    await driverOf().deleteTrust(plain.id);
    expect(await driverOf().listRedelegatedIds(parent)).to.deep.equal([impersonated.id]);
  });

  it('gives exactly as many uses as there are, however many ask at once', async () => {
    const { id } = await create({ remaining_uses: 3 });
    const taken = await Promise.all(Array.from({ length: 20 }, () => driverOf().takeUse(id)));
    expect(taken.filter(Boolean)).to.have.length(3);
    expect(await driverOf().getTrust(id)).to.include({ remaining_uses: 0 });
  });

  it('gives any number of uses of a trust without a limit, none of a deleted or unknown one', async () => {
    const { id } = await create();
    expect(await driverOf().takeUse(id)).to.equal(true);
    expect(await driverOf().getTrust(id)).to.include({ remaining_uses: null });
    await driverOf().deleteTrust(id);
    expect(await driverOf().takeUse(id)).to.equal(false);
    expect(await driverOf().takeUse('unknown')).to.equal(false);
  });
}
