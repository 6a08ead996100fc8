/** What every revocation backend promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import type { RevokeDriver } from '../../src/subsystems/revoke/driver.js';
import { matches } from '../../src/subsystems/revoke/matching.js';
import type {
  RevocationCriteria,
  RevocationEvent,
  RevocationSubject,
} from '../../src/subsystems/revoke/types.js';

/** A moment of its own for the suite, far from now, in milliseconds. */
const THEN = Date.UTC(2001, 0, 1);

/** @param driverOf gives the backend under test; the suite makes ids of its own */
export function revokeDriverSuite(driverOf: () => RevokeDriver): void {
  const id = uuidHex;
  const event = (criteria: RevocationCriteria, at = THEN): RevocationEvent => ({
    ...criteria,
    issuedBefore: at,
    revokedAt: at,
  });

  function subject(attributes: Partial<RevocationSubject> = {}): RevocationSubject {
    return {
      userId: id(),
      delegates: [],
      userDomainId: id(),
      projectId: null,
      scopeDomainId: null,
      roleIds: [],
      trustId: null,
      consumerId: null,
      accessTokenId: null,
      auditId: id().slice(0, 22),
      auditChainId: id().slice(0, 22),
      issuedAt: THEN,
      expiresAt: THEN + 3_600_000,
      ...attributes,
    };
  }

  const isHit = async (token: RevocationSubject): Promise<boolean> =>
    (await driverOf().candidates(token)).some((found) => matches(found, token));

  it('keeps every attribute, and lists events in order of time', async () => {
    const full: RevocationEvent = {
      userId: id(),
      projectId: id(),
      domainId: id(),
      roleId: id(),
      trustId: id(),
      consumerId: id(),
      accessTokenId: id(),
      auditId: id().slice(0, 22),
      auditChainId: id().slice(0, 22),
      expiresAt: THEN + 5000,
      issuedBefore: THEN - 1000,
      revokedAt: THEN - 500_000,
    };
    const early = event({ auditId: 'early' }, THEN - 600_000);
    await driverOf().add(full);
    await driverOf().add(early);
    const listed = (await driverOf().list(null)).filter(({ revokedAt }) => revokedAt < THEN - 400_000);
    expect(listed).to.deep.equal([early, full]);
    const later = await driverOf().list(THEN - 600_000);
    expect(later).to.deep.include(full);
    expect(later).not.to.deep.include(early);
  });

  const tokens: [what: string, criteria: RevocationCriteria, hit: Partial<RevocationSubject>][] = [
    ['of a user', { userId: 'user-1' }, { userId: 'user-1' }],
    ['of a trustor', { userId: 'user-2' }, { userId: 'x', delegates: ['user-2', 'x'] }],
    ['of a trustee', { userId: 'user-3' }, { userId: 'y', delegates: ['y', 'user-3'] }],
    ['of a project', { projectId: 'project-1' }, { projectId: 'project-1' }],
    [
      'of a user in a project',
      { userId: 'user-4', projectId: 'project-2' },
      { userId: 'user-4', projectId: 'project-2' },
    ],
    ['of the users of a domain', { domainId: 'domain-1' }, { userDomainId: 'domain-1' }],
    ['in a domain', { domainId: 'domain-2' }, { scopeDomainId: 'domain-2' }],
    ['with a role', { roleId: 'role-1' }, { roleIds: ['other', 'role-1'] }],
    [
      'with a role in a project',
      { roleId: 'role-2', projectId: 'project-3' },
      { roleIds: ['role-2'], projectId: 'project-3' },
    ],
    ['of a trust', { trustId: 'trust-1' }, { trustId: 'trust-1' }],
    ['of a consumer', { consumerId: 'consumer-1' }, { consumerId: 'consumer-1' }],
    ['of an access token', { accessTokenId: 'access-1' }, { accessTokenId: 'access-1' }],
    ['by itself', { auditId: 'audit-1' }, { auditId: 'audit-1' }],
    ['by its chain', { auditChainId: 'chain-1' }, { auditChainId: 'chain-1' }],
    [
      'of a user, by expiry',
      { userId: 'user-5', expiresAt: THEN + 9000 },
      { userId: 'user-5', expiresAt: THEN + 9000 },
    ],
    [
      'in a domain, by expiry',
      { domainId: 'domain-3', expiresAt: THEN + 9000 },
      { scopeDomainId: 'domain-3', expiresAt: THEN + 9000 },
    ],
  ];
  for (const [what, criteria, hit] of tokens) {
    it(`finds the event that ends a token ${what}, and no other token`, async () => {
      expect(await isHit(subject(hit))).to.equal(false);
      await driverOf().add(event(criteria));
      expect(await isHit(subject(hit))).to.equal(true);
      expect(await isHit(subject())).to.equal(false);
      // All that the event names must be the token's.
      for (const [name, value] of Object.entries(hit)) {
        // Of a trust, the user is one of the two.
        if (name === 'userId' && hit.delegates !== undefined) continue;
        const blank = Array.isArray(value) ? [] : subject()[name as keyof RevocationSubject];
        expect(await isHit(subject({ ...hit, [name]: blank })), name).to.equal(false);
      }
    });
  }

  it('finds an event that names nothing', async () => {
    const expiresAt = THEN + 11_000;
    await driverOf().add(event({ expiresAt }));
    expect(await isHit(subject({ expiresAt }))).to.equal(true);
    expect(await isHit(subject())).to.equal(false);
  });

  it("takes a second as a whole: tokens of the event's second end, those of the next do not", async () => {
    const userId = id();
    await driverOf().add(event({ userId }));
    const issued = (issuedAt: number): Promise<boolean> => isHit(subject({ userId, issuedAt }));
    expect(await issued(THEN - 1)).to.equal(true);
    expect(await issued(THEN)).to.equal(true);
    expect(await issued(THEN + 999)).to.equal(true);
    expect(await issued(THEN + 1000)).to.equal(false);
  });

  it('does not mean the users of a domain when an event names domain and expiry', async () => {
    const [domainId, expiresAt] = [id(), THEN + 7000];
    await driverOf().add(event({ domainId, expiresAt }));
    expect(await isHit(subject({ userDomainId: domainId, expiresAt }))).to.equal(false);
    expect(await isHit(subject({ scopeDomainId: domainId, expiresAt }))).to.equal(true);
  });

  it('forgets what is old', async () => {
    const [old, recent] = [id(), id()];
    await driverOf().add(event({ userId: old }, THEN - 3_000_000));
    await driverOf().add(event({ userId: recent }, THEN - 1_000_000));
    expect(await driverOf().prune(THEN - 2_000_000)).to.equal(1);
    const users = (await driverOf().list(null)).map(({ userId }) => userId);
    expect(users).to.include(recent).and.not.include(old);
  });
}
