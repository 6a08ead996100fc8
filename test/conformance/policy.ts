/** What every policy backend promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { PolicyNotFound } from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { PolicyDriver } from '../../src/subsystems/policy/driver.js';
import { rejection } from '../support/rejection.js';

/** @param driverOf gives the backend under test; the suite makes ids of its own and leaves others alone */
export function policyDriverSuite(driverOf: () => PolicyDriver): void {
  it('gives back what was stored, extra attributes included', async () => {
    const policy = { id: uuidHex(), type: 'application/json', blob: '{"a": "é\n"}', owner: { b: [1] } };
    expect(await driverOf().createPolicy(policy)).to.deep.equal(policy);
    expect(await driverOf().getPolicy(policy.id)).to.deep.equal(policy);
  });

  it('filters by type and cuts to the limit', async () => {
    const type = uuidHex();
    const create = (): Promise<unknown> => driverOf().createPolicy({ id: uuidHex(), type, blob: '' });
    await Promise.all([create(), create(), create()]);
    await driverOf().createPolicy({ id: uuidHex(), type: 'other', blob: '' });
    const all = new Hints().addFilter('type', type);
    expect(finishList(all, await driverOf().listPolicies(all)).entities).to.have.length(3);
    const cut = new Hints().addFilter('type', type).setLimit(2);
    const { entities, truncated } = finishList(cut, await driverOf().listPolicies(cut));
    expect({ size: entities.length, truncated }).to.deep.equal({ size: 2, truncated: true });
  });

  it('keeps what an update does not name', async () => {
    const policy = { id: uuidHex(), type: 'text/plain', blob: 'old', owner: 'o' };
    await driverOf().createPolicy(policy);
    const updated = await driverOf().updatePolicy(policy.id, { blob: 'new' });
    expect(updated).to.deep.equal({ ...policy, blob: 'new' });
    expect(await driverOf().getPolicy(policy.id)).to.deep.equal(updated);
  });

  it('deletes, and knows only what there is', async () => {
    const driver = driverOf();
    const { id } = await driver.createPolicy({ id: uuidHex(), type: 't', blob: 'b' });
    await driver.deletePolicy(id);
    const attempts = [
      () => driver.getPolicy(id),
      () => driver.updatePolicy(id, {}),
      () => driver.deletePolicy(id),
    ];
    for (const attempt of attempts) {
      expect(await rejection(attempt())).to.be.instanceOf(PolicyNotFound);
    }
  });
}
