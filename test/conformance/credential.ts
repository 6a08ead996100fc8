/** What every store of credentials promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { Conflict } from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { CredentialDriver } from '../../src/subsystems/credential/driver.js';
import type { Credential } from '../../src/subsystems/credential/types.js';
import { rejection } from '../support/rejection.js';

export function newCredential(attributes: Partial<Credential> = {}): Credential {
  return { id: uuidHex(), user_id: uuidHex(), project_id: null, type: 'cert', blob: 'sécret', ...attributes };
}

/** @param driverOf gives the backend under test; the suite makes ids of its own and leaves others alone */
export function credentialDriverSuite(driverOf: () => CredentialDriver): void {
  async function create(attributes: Partial<Credential> = {}): Promise<Credential> {
    const credential = newCredential(attributes);
    await driverOf().createCredential(credential);
    return credential;
  }

  it('gives a credential back as it was stored', async () => {
    for (const attributes of [
      {},
      { project_id: uuidHex(), type: 'ec2', blob: '{"access": "a", "secret": "s"}', colour: 'red' },
    ]) {
      const credential = await create(attributes);
      expect(await driverOf().getCredential(credential.id)).to.deep.equal(credential);
    }
    expect(await driverOf().getCredential('unknown')).to.equal(null);
  });

  it('refuses a second one of the same id', async () => {
    const { id } = await create();
    expect(await rejection(driverOf().createCredential(newCredential({ id })))).to.be.instanceOf(Conflict);
  });

  it('puts another in its place', async () => {
    const credential = await create({ colour: 'red' });
    const changed = { ...newCredential({ type: 'ec2', blob: '{}' }), id: credential.id, size: 1 };
    await driverOf().updateCredential(changed);
    expect(await driverOf().getCredential(credential.id)).to.deep.equal(changed);
  });

  it('lists by user and type, and no more than asked for', async () => {
    const userId = uuidHex();
    const cert = await create({ user_id: userId });
    const ec2 = await create({ user_id: userId, type: 'ec2', blob: '{}' });
    await create();
    const list = async (hints: Hints): Promise<readonly Credential[]> =>
      finishList(hints, await driverOf().listCredentials(hints)).entities;
    const ofUser = (): Hints => new Hints().addFilter('user_id', userId);
    expect(await list(ofUser())).to.have.deep.members([cert, ec2]);
    expect(await list(ofUser().addFilter('type', 'ec2'))).to.deep.equal([ec2]);
    expect(await list(ofUser().addFilter('type', 'er', { comparator: 'contains' }))).to.deep.equal([cert]);
    const limited = ofUser().setLimit(1);
    expect(await list(limited)).to.have.length(1);
    expect(limited.limit?.truncated).to.equal(true);
    expect(await driverOf().listCredentialsForUser(userId, 'ec2')).to.deep.equal([ec2]);
  });

  it('deletes one, those of a user and those of a project', async () => {
    const [one, ofUser] = [await create(), await create()];
    const projectId = uuidHex();
    const ofProject = await create({ project_id: projectId });
    const kept = await create();
    expect(await driverOf().deleteCredential(one.id)).to.equal(true);
    expect(await driverOf().deleteCredential(one.id)).to.equal(false);
    await driverOf().deleteCredentialsForUser(ofUser.user_id);
    await driverOf().deleteCredentialsForProject(projectId);
    for (const { id } of [ofUser, ofProject]) expect(await driverOf().getCredential(id)).to.equal(null);
    expect(await driverOf().getCredential(kept.id)).to.deep.equal(kept);
  });
}
