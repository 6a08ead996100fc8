/** Times of revocation events, and who tells the manager what to revoke. */
import { expect } from 'chai';
import { ValidationError } from '../../../../src/common/errors.js';
import { parseInstant } from '../../../../src/subsystems/revoke/manager.js';
import { presentEvent } from '../../../../src/subsystems/revoke/presenter.js';
import type { RevocationCriteria } from '../../../../src/subsystems/revoke/types.js';
import { type HeldClock, holdClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy } from '../identity/deployment.js';

describe('the revoke manager', () => {
  let cloud: Deployment;
  before(async () => {
    cloud = await deploy('[token]', 'expiration = 100', '[revoke]', 'expiration_buffer = 20');
  });
  after(() => cloud.close());
  // An event that takes a second to be committed is followed by another.
  let clock: HeldClock;
  beforeEach(() => {
    clock = holdClock();
  });
  afterEach(() => clock.release());

  const criteria = async (): Promise<RevocationCriteria[]> =>
    (await cloud.providers.revoke.list(undefined)).map(
      ({ issuedBefore: _before, revokedAt: _at, ...named }) => named,
    );

  it('revokes for every event that ends tokens', async () => {
    const { notifications } = cloud;
    await notifications.deleted('user', 'u1', null);
    await notifications.disabled('user', 'u2');
    await notifications.internal('invalidate_user_tokens', 'u3');
    await notifications.deleted('project', 'p1', null);
    await notifications.disabled('project', 'p2');
    await notifications.disabled('domain', 'd1');
    await notifications.deleted('role', 'r1', null);
    await notifications.deleted('OS-TRUST:trust', 't1', null);
    await notifications.deleted('OS-OAUTH1:consumer', 'c1', null);
    await notifications.deleted('OS-OAUTH1:access_token', 'a1', null);
    await notifications.updated('user', 'u4', null);
    await notifications.deleted('group', 'g1', null);
    expect(await criteria()).to.have.deep.members([
      { userId: 'u1' },
      { userId: 'u2' },
      { userId: 'u3' },
      { projectId: 'p1' },
      { projectId: 'p2' },
      { domainId: 'd1' },
      { roleId: 'r1' },
      { trustId: 't1' },
      { consumerId: 'c1' },
      { accessTokenId: 'a1' },
    ]);
  });

  it('stamps events with whole seconds, and means tokens until shortly after, when they are committed', async () => {
    const before = Date.now();
    await cloud.providers.revoke.revoke({ auditId: 'stamped' });
    const event = (await cloud.providers.revoke.list(undefined)).find(({ auditId }) => auditId === 'stamped');
    expect((event?.issuedBefore ?? 0) - (event?.revokedAt ?? 0)).to.be.oneOf([0, 1000]);
    expect((event?.issuedBefore ?? 0) - Date.now()).to.be.lessThan(500);
    expect((event?.revokedAt ?? 1) % 1000).to.equal(0);
    expect(event?.revokedAt).to.be.within(before - 999, Date.now());
  });

  it('forgets events, when it begins, whose tokens have all expired', async () => {
    const fresh = await deploy('[token]', 'expiration = 100', '[revoke]', 'expiration_buffer = 20');
    try {
      const at = (age: number): Date => new Date(Math.floor(Date.now() / 1000 - age) * 1000);
      for (const [userId, age] of [
        ['old', 125],
        ['recent', 110],
      ] as const) {
        await fresh.database
          .table('revocation_event')
          .insert({ user_id: userId, issued_before: at(age), revoked_at: at(age) });
      }
      await fresh.providers.revoke.revoke({ userId: 'new' });
      const users = (await fresh.providers.revoke.list(undefined)).map(({ userId }) => userId);
      expect(users).to.deep.equal(['recent', 'new']);
    } finally {
      await fresh.close();
    }
  });

  it('knows times by ISO 8601', async () => {
    const expected: [text: string, instant: number | null][] = [
      ['2016-02-03T04:05:06Z', Date.UTC(2016, 1, 3, 4, 5, 6)],
      ['2016-02-03T04:05:06.789123Z', Date.UTC(2016, 1, 3, 4, 5, 6, 789)],
      ['2016-02-03T04:05:06+01:00', Date.UTC(2016, 1, 3, 3, 5, 6)],
      ['2016-02-03T04:05:06-0130', Date.UTC(2016, 1, 3, 5, 35, 6)],
      ['2016-02-03 04:05', Date.UTC(2016, 1, 3, 4, 5)],
      ['2016-02-03', Date.UTC(2016, 1, 3)],
      ['2016-02-30', null],
      ['2016-02-03T24:61:00Z', null],
      ['03.02.2016', null],
      ['', null],
      ['1454472306', null],
    ];
    for (const [text, instant] of expected) expect(parseInstant(text), text).to.equal(instant);
    expect(await rejection(cloud.providers.revoke.list('soon'))).to.be.instanceOf(ValidationError);
  });

  it('shows of an event what is set, by the names of the API', () => {
    const times = { issuedBefore: Date.UTC(2016, 0, 1), revokedAt: Date.UTC(2016, 0, 2) };
    const stamps = {
      issued_before: '2016-01-01T00:00:00.000000Z',
      revoked_at: '2016-01-02T00:00:00.000000Z',
    };
    expect(presentEvent(times)).to.deep.equal(stamps);
    const all = {
      userId: 'u',
      roleId: 'r',
      projectId: 'p',
      auditId: 'a',
      auditChainId: 'c',
      trustId: 't',
      consumerId: 'o',
      accessTokenId: 'x',
    };
    expect(presentEvent({ ...times, ...all, domainId: 'd' })).to.deep.equal({
      ...stamps,
      user_id: 'u',
      role_id: 'r',
      domain_id: 'd',
      project_id: 'p',
      audit_id: 'a',
      audit_chain_id: 'c',
      'OS-TRUST:trust_id': 't',
      'OS-OAUTH1:consumer_id': 'o',
      'OS-OAUTH1:access_token_id': 'x',
    });
    expect(presentEvent({ ...times, domainId: 'd', expiresAt: Date.UTC(2016, 0, 3) })).to.deep.equal({
      ...stamps,
      domain_scope_id: 'd',
      expires_at: '2016-01-03T00:00:00Z',
    });
  });
});
