/** What the token manager promises, whoever asks it for a token. */
import { AsyncResource } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { NotImplemented, TokenNotFound, Unauthorized } from '../../../../src/common/errors.js';
import type { TokenModel } from '../../../../src/common/token_model.js';
import type { IssueRequest, IssueSurroundings } from '../../../../src/subsystems/token/types.js';
import { holdClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy } from '../identity/deployment.js';

/** Runs work as if it had not been started by a transaction. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>): Promise<T> => work());

describe('the token manager', () => {
  let cloud: Deployment;
  let userId: string;
  let count = 0;
  before(async () => {
    cloud = await deploy('[token]', 'expiration = 600', '[federation]', 'federated_domain_name = Elsewhere');
  });
  after(() => cloud.close());
  beforeEach(async () => {
    const name = `user-${(count += 1)}`;
    userId = (await cloud.providers.identity.createUser({ name, domain_id: 'default' }, null)).id;
  });

  const issue = (request: Partial<IssueRequest> = {}, with_: IssueSurroundings = {}): Promise<TokenModel> =>
    cloud.providers.token.issueToken({ userId, methods: ['password'], ...request }, with_);
  const validate = async (id: string): Promise<TokenModel> => cloud.providers.token.validateToken(id);

  it('gives a token its configured life in whole seconds', async () => {
    const before = Date.now();
    const { expiresAt, issuedAt, body } = await issue();
    expect(expiresAt % 1000).to.equal(0);
    expect(issuedAt % 1000).to.equal(0);
    expect(expiresAt).to.be.within(before + 599_000, Date.now() + 600_000);
    expect(body.expires_at).to.equal(`${new Date(expiresAt).toISOString().slice(0, 19)}.000000Z`);
  });

  it('lets no token live longer than what it was made from, nor than is configured', async () => {
    const before = Date.now();
    const soon = Math.floor(before / 1000) * 1000 + 300_000;
    expect((await issue({ expiresAt: soon })).expiresAt).to.equal(soon);
    expect((await issue({ expiresAt: soon + 700 })).expiresAt).to.equal(soon);
    const never = await issue({ expiresAt: Date.now() + 10 * 86_400_000 });
    expect(never.expiresAt).to.be.within(before + 599_000, Date.now() + 600_000);
  });

  it('knows a token that has expired no more', async () => {
    const { id } = await issue({ expiresAt: Date.now() - 1000 });
    expect(await rejection(validate(id))).to.be.instanceOf(TokenNotFound);
  });

  it('names the chain that a token belongs to', async () => {
    const first = await issue();
    const [root] = first.body.audit_ids;
    const second = await issue({ parentAuditId: root as string });
    expect(second.body.audit_ids).to.have.length(2);
    expect(second.body.audit_ids[1]).to.equal(root);
    expect((await validate(second.id)).body).to.deep.equal(second.body);
  });

  it('issues nothing for users that are unknown or disabled, nor where they have no role', async () => {
    const { identity, resource } = cloud.providers;
    const project = await resource.createProject({ name: `p-${(count += 1)}`, domain_id: 'default' }, null);
    for (const request of [
      { userId: 'nobody' },
      { projectId: project.id },
      { projectId: 'nowhere' },
      { domainId: 'default' },
      { domainId: 'nowhere' },
    ]) {
      expect(await rejection(issue(request)), JSON.stringify(request)).to.be.instanceOf(Unauthorized);
    }
    await identity.updateUser(userId, { enabled: false }, null);
    expect(await rejection(issue())).to.be.instanceOf(Unauthorized);
  });

  it('carries no bond that its format cannot carry', async () => {
    expect(await rejection(issue({ bind: { kerberos: 'alice' } }))).to.be.instanceOf(NotImplemented);
    expect((await issue({ bind: {} })).body).not.to.have.property('bind');
  });

  it('shows users of a federation in its domain, with their groups', async () => {
    const federation = {
      groupIds: ['a'.repeat(32), 'b'.repeat(32)],
      identityProviderId: 'idp',
      protocolId: 'mapped',
    };
    const { id, body } = await issue({ federation });
    expect(body.user).to.deep.include({
      domain: { id: 'Elsewhere', name: 'Elsewhere' },
      'OS-FEDERATION': {
        groups: [{ id: 'a'.repeat(32) }, { id: 'b'.repeat(32) }],
        identity_provider: { id: 'idp' },
        protocol: { id: 'mapped' },
      },
    });
    expect((await validate(id)).body.user).to.deep.equal(body.user);
  });

  it('takes what a token costs together with the token, and once however long it waits', async () => {
    const clock = holdClock();
    try {
      // The event is of this second, whose end comes when the token has met it.
      clock.advance(1100 - (Date.now() % 1000));
      await cloud.providers.revoke.revoke({ userId });
      const log: string[] = [];
      const token = await issue(
        {},
        {
          confirm: async () => void log.push('confirm'),
          within: async (work) => {
            log.push('begin');
            try {
              const result = await work();
              log.push('end');
              return result;
            } catch (error) {
              log.push('undo');
              if (!log.includes('confirm')) clock.advance(1899);
              throw error;
            }
          },
        },
      );
      // The wait is outside: it keeps nobody else from what is being used.
      expect(log.join(' ')).to.match(/^(?:begin undo confirm ){1,2}begin end$/);
      expect((await validate(token.id)).id).to.equal(token.id);
    } finally {
      clock.release();
    }
  });

  it('waits for the clock, not for a timer that comes before it', async () => {
    const clock = Date.now;
    const ahead = 1950 - (clock() % 1000);
    // Late in a second, so that the event means the next one too; and each second ends some milliseconds late.
    Date.now = () => {
      const now = clock() + ahead;
      const into = now % 1000;
      return into < 20 ? now - into - 1 : now;
    };
    try {
      await cloud.providers.revoke.revoke({ userId });
      const { id } = await issue();
      expect((await validate(id)).id).to.equal(id);
    } finally {
      Date.now = clock;
    }
  });

  it('issues nothing when what was proven holds no more', async () => {
    await cloud.providers.revoke.revoke({ userId });
    const confirm = (): Promise<void> => Promise.reject(new Unauthorized('changed'));
    expect(await rejection(issue({}, { confirm }))).to.be.instanceOf(Unauthorized);
  });

  it('asks for the proof again, at once and once, when an event may have come after it', async () => {
    // While the clock stands still, nobody gets past a wait for another second.
    const clock = holdClock();
    try {
      const instant = Math.floor(Date.now() / 1000 - 5) * 1000;
      const at = new Date(instant);
      await cloud.database
        .table('revocation_event')
        .insert({ user_id: userId, issued_before: at, revoked_at: at });
      let proofs = 0;
      const token = await issue({}, { confirm: async () => void (proofs += 1) });
      expect(proofs).to.equal(1);
      expect(token.issuedAt).to.equal(instant + 5000);
      const gone = (): Promise<void> => Promise.reject(new Unauthorized('changed'));
      expect(await rejection(issue({}, { confirm: gone }))).to.be.instanceOf(Unauthorized);
    } finally {
      clock.release();
    }
  });

  it('revokes what is issued until the commit of a revocation, however long that takes', async () => {
    let early: TokenModel | undefined;
    await cloud.database.transaction(async () => {
      await cloud.providers.revoke.revoke({ userId });
      await sleep(1200);
      // By another request, which sees nothing of the transaction.
      early = await outside(() => issue());
      expect((await outside(() => validate(early?.id ?? ''))).id).to.equal(early.id);
    });
    expect(await rejection(validate(early?.id ?? ''))).to.be.instanceOf(TokenNotFound);
    // What is issued from then on comes after all events.
    const { id } = await issue();
    for (let number = 0; number < 20; number += 1) {
      await sleep(10);
      expect((await validate(id)).id).to.equal(id);
    }
  });

  it('forgets a kept token with the data that it rests on, of whatever kind it is', async () => {
    const { id } = await issue();
    expect(await validate(id)).to.equal(await validate(id));
    await cloud.database.table('user').update({ id: userId }, { enabled: false });
    expect(await rejection(validate(id))).to.be.instanceOf(TokenNotFound);
    await cloud.database.table('user').update({ id: userId }, { enabled: true });
    expect((await validate(id)).id).to.equal(id);
  });

  describe('while somebody else changes what it looks at', () => {
    let projectId: string;
    let roleIds: string[];
    let looks: number;
    /** Done by another between the look at the roles and the look at the events, each time. */
    let meanwhile: () => Promise<void>;
    let restore: () => void;
    beforeEach(async () => {
      const { assignment, resource, revoke, role } = cloud.providers;
      const name = `scope-${(count += 1)}`;
      projectId = (await resource.createProject({ name, domain_id: 'default' }, null)).id;
      roleIds = [];
      for (let number = 0; number < 4; number += 1) {
        const { id } = await role.createRole({ name: `${name}-${number}` }, null);
        roleIds.push(id);
        const grant = { roleId: id, userId, groupId: null, projectId, domainId: null, inherited: false };
        await assignment.createGrant(grant, null);
      }
      const isRevoked = revoke.isRevoked.bind(revoke);
      looks = 0;
      revoke.isRevoked = async (subject) => {
        looks += 1;
        await meanwhile();
        return isRevoked(subject);
      };
      restore = () => void Reflect.deleteProperty(revoke, 'isRevoked');
    });
    afterEach(() => restore());

    const loseRoles = (most: number) => async (): Promise<void> => {
      if (looks <= most) await cloud.providers.role.deleteRole(roleIds.pop() ?? '', null);
    };

    it('refuses no token that has lost a role and keeps others', async () => {
      const { id } = await issue({ projectId });
      meanwhile = loseRoles(2);
      const { body } = await validate(id);
      expect(body.roles?.map((role) => role.id))
        .to.have.members(roleIds)
        .and.to.have.length(2);
      expect(looks).to.equal(3);
    });

    it('refuses a token that was revoked, at the second look, and does not look for ever', async () => {
      const revoked = await issue({ projectId });
      meanwhile = async () => {
        if (looks === 1) await cloud.providers.revoke.revoke({ userId });
      };
      expect(await rejection(validate(revoked.id))).to.be.instanceOf(TokenNotFound);
      expect(looks).to.equal(2);

      looks = 0;
      let others = 0;
      meanwhile = async () => {
        const name = `noise-${userId}-${(others += 1)}`;
        await cloud.providers.role.createRole({ name }, null);
      };
      expect(await rejection(validate(revoked.id))).to.be.instanceOf(TokenNotFound);
      expect(looks).to.equal(3);
    });
  });

  it('looks at the end of a token each time, kept or not', async () => {
    const clock = holdClock();
    try {
      const { id, expiresAt } = await issue({ expiresAt: Math.floor(Date.now() / 1000) * 1000 + 2000 });
      expect(await validate(id)).to.equal(await validate(id));
      clock.advance(expiresAt - Date.now() - 1);
      expect((await validate(id)).id).to.equal(id);
      clock.advance(1);
      expect(await rejection(validate(id))).to.be.instanceOf(TokenNotFound);
    } finally {
      clock.release();
    }
  });

  it('revokes one token, once', async () => {
    const [one, two] = [await issue(), await issue()];
    await cloud.providers.token.revokeToken(one.id);
    expect(await rejection(validate(one.id))).to.be.instanceOf(TokenNotFound);
    expect(await rejection(cloud.providers.token.revokeToken(one.id))).to.be.instanceOf(TokenNotFound);
    expect((await validate(two.id)).id).to.equal(two.id);
  });

  it('never repeats a token in what it says of it', async () => {
    const { id } = await issue();
    // Another character than the one that is there, and one of which every bit counts.
    const [place, other] = [id.length - 9, id.at(-9) === 'A' ? 'B' : 'A'];
    const error = await rejection(validate(`${id.slice(0, place)}${other}${id.slice(place + 1)}`));
    expect(`${error.message} ${error.stack ?? ''}`).not.to.contain(id.slice(0, 30));
  });
});
