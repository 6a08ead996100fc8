import { expect } from 'chai';
import { DriverSlot } from '../../../../../src/subsystems/identity/domains/driver_slot.js';
import type { IdentityDriver } from '../../../../../src/subsystems/identity/driver.js';

describe('identity/domains/driver_slot', () => {
  const slotOf = (close: () => Promise<void>): DriverSlot =>
    new DriverSlot({ close } as unknown as IdentityDriver, null);

  it('closes a driver when its last running call is over, and once', async () => {
    const events: string[] = [];
    const slot = slotOf(async () => void events.push('closed'));
    let finish = (): void => undefined;
    const call = slot.use(
      () =>
        new Promise<void>((resolve) => {
          finish = () => {
            events.push('over');
            resolve();
          };
        }),
    );
    const [first, second] = [slot.retire(), slot.retire()];
    expect(slot.isRetired).to.equal(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).to.deep.equal([]);
    finish();
    await Promise.all([call, first, second]);
    expect(events).to.deep.equal(['over', 'closed']);
  });

  it('lets calls fail as they do, and counts them as over', async () => {
    const events: string[] = [];
    const slot = slotOf(async () => void events.push('closed'));
    const call = slot.use(() => Promise.reject(new Error('no'))).catch((error: unknown) => String(error));
    await slot.retire();
    expect(await call).to.equal('Error: no');
    expect(events).to.deep.equal(['closed']);
  });

  it('takes a driver that does not close well for closed', async () => {
    await slotOf(() => Promise.reject(new Error('stuck'))).retire();
  });
});
