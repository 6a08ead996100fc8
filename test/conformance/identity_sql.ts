/** What the SQL backend of identity promises beyond every backend: security compliance, and rows that others wrote. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import {
  PasswordAgeValidationError,
  PasswordExpired,
  PasswordValidationError,
  Unauthorized,
  UserDisabled,
  ValidationError,
} from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { Database, PasswordRow } from '../../src/common/sql/index.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import type { User } from '../../src/subsystems/identity/types.js';
import { cpuTime } from '../support/cpu_time.js';
import { type HeldClock, holdClock } from '../support/held_clock.js';
import { rejection } from '../support/rejection.js';

const DAY = 86_400_000;

export interface SqlIdentityFixture {
  readonly database: Database;
  /** @param options lines of `[security_compliance]` */
  driver(...options: string[]): Promise<IdentityDriver>;
  /** The same with hashes that take tens of milliseconds. */
  slowDriver(...options: string[]): Promise<IdentityDriver>;
}

export function sqlIdentitySuite(fixtureOf: () => SqlIdentityFixture): void {
  const table: Database['table'] = (name) => fixtureOf().database.table(name);

  async function createUser(driver: IdentityDriver, password: string | null = 'secret'): Promise<User> {
    const id = uuidHex();
    const user = { id, name: `user-${id.slice(0, 12)}`, domain_id: 'default', enabled: true };
    return driver.users.create(user, await driver.passwords.prepare(password));
  }

  async function localId(userId: string): Promise<number> {
    return (await table('local_user').findOne({ user_id: userId }))?.id ?? -1;
  }

  /** Oldest first. */
  async function passwordRows(userId: string): Promise<PasswordRow[]> {
    return table('password').find({
      where: { local_user_id: await localId(userId) },
      order: ['created_at_int'],
    });
  }

  async function changeOwn(driver: IdentityDriver, userId: string, password: string): Promise<void> {
    await driver.passwords.changeOwn(userId, await driver.passwords.prepareOwn(userId, password));
  }

  /** Make a user's passwords older by that. */
  async function age(userId: string, milliseconds: number): Promise<void> {
    for (const row of await passwordRows(userId)) {
      const created = row.created_at.getTime() - milliseconds;
      const changes = { created_at: new Date(created), created_at_int: created * 1000 };
      await table('password').update({ id: row.id }, changes);
    }
  }

  describe('lockout', () => {
    const OPTIONS = ['lockout_failure_attempts = 3', 'lockout_duration = 1000'];
    let driver: IdentityDriver;
    before(async () => {
      driver = await fixtureOf().driver(...OPTIONS);
    });

    async function fail(userId: string, times: number): Promise<Error> {
      let error = new Error('no attempt');
      for (let attempt = 0; attempt < times; attempt += 1) {
        error = await rejection(driver.passwords.authenticate(userId, 'wrong'));
      }
      return error;
    }

    it('comes with the attempt that reaches the limit and looks like any failure', async () => {
      const { id } = await createUser(driver);
      const wrong = await fail(id, 2);
      await driver.passwords.authenticate(id, 'secret');
      await fail(id, 3);
      const locked = await rejection(driver.passwords.authenticate(id, 'secret'));
      expect(locked.constructor).to.equal(Unauthorized).and.equal(wrong.constructor);
      expect(locked.message).to.equal(wrong.message);
      expect(locked).to.have.property('detail').that.contains('locked');
    });

    it('lifts when its time has passed, and is counted from there again', async () => {
      const { id } = await createUser(driver);
      await fail(id, 3);
      const past = new Date(Date.now() - 1_001_000);
      await table('local_user').update({ user_id: id }, { failed_auth_at: past });
      await fail(id, 2);
      await driver.passwords.authenticate(id, 'secret');
      const row = await table('local_user').findOne({ user_id: id });
      expect(row).to.include({ failed_auth_count: 0, failed_auth_at: null });
    });

    it('is not made longer by attempts while it lasts', async () => {
      const { id } = await createUser(driver);
      await fail(id, 3);
      const since = new Date(Math.floor(Date.now() / 1000) * 1000 - 900_000);
      await table('local_user').update({ user_id: id }, { failed_auth_at: since });
      await fail(id, 2);
      const row = await table('local_user').findOne({ user_id: id });
      expect(row?.failed_auth_at).to.deep.equal(since);
      expect(row?.failed_auth_count).to.equal(3);
    });

    it('ends when an administrator enables the user or sets a password', async () => {
      const { id } = await createUser(driver);
      await fail(id, 3);
      await driver.users.update(id, { description: 'still locked' });
      expect(await rejection(driver.passwords.authenticate(id, 'secret'))).to.be.instanceOf(Unauthorized);
      await driver.users.update(id, { enabled: true });
      await driver.passwords.authenticate(id, 'secret');
      await fail(id, 3);
      await driver.users.update(id, {}, await driver.passwords.prepare('other'));
      await driver.passwords.authenticate(id, 'other');
    });

    it('leaves no guess through when many come at once', async () => {
      const { id } = await createUser(driver);
      const wrong = Array.from({ length: 12 }, () => rejection(driver.passwords.authenticate(id, 'wrong')));
      await Promise.all(wrong);
      const row = await table('local_user').findOne({ user_id: id });
      expect(row?.failed_auth_count).to.be.at.least(3);
      expect(await rejection(driver.passwords.authenticate(id, 'secret'))).to.be.instanceOf(Unauthorized);
    });

    it('spares users whom a later release exempted', async () => {
      const { id } = await createUser(driver);
      await table('user_option').insert({ user_id: id, option_id: '1002', option_value: 'true' });
      await fail(id, 4);
      await driver.passwords.authenticate(id, 'secret');
    });

    it('is off, and counts nothing, without the option', async () => {
      const open = await fixtureOf().driver();
      const { id } = await createUser(open);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await rejection(open.passwords.authenticate(id, 'wrong'));
      }
      await open.passwords.authenticate(id, 'secret');
      expect((await table('local_user').findOne({ user_id: id }))?.failed_auth_count).to.equal(null);
    });
  });

  describe('expiry of passwords', () => {
    it('is stored with the password, in whole seconds, and shown', async () => {
      const driver = await fixtureOf().driver('password_expires_days = 2');
      const user = await createUser(driver);
      const [row] = await passwordRows(user.id);
      const expires = Math.floor((row?.created_at_int ?? 0) / 1e6) * 1e6 + 2 * DAY * 1000;
      expect(row?.expires_at_int).to.equal(expires);
      expect(row?.expires_at?.getTime()).to.equal(expires / 1000);
      const shown = new Date(expires / 1000).toISOString().replace(/\.000Z$/, '.000000');
      expect(user.password_expires_at).to.equal(shown);
      expect(await driver.users.list(new Hints().addFilter('name', user.name))).to.deep.equal([user]);
    });

    it('ends sign-ins, with a text of its own for who knows the password', async () => {
      const driver = await fixtureOf().driver('password_expires_days = 2');
      const { id } = await createUser(driver);
      const past = Date.now() - 1000;
      await table('password').update(
        { local_user_id: await localId(id) },
        { expires_at: new Date(past), expires_at_int: past * 1000 },
      );
      expect(await rejection(driver.passwords.authenticate(id, 'secret'))).to.be.instanceOf(PasswordExpired);
      expect((await rejection(driver.passwords.authenticate(id, 'wrong'))).constructor).to.equal(
        Unauthorized,
      );
      await table('user_option').insert({ user_id: id, option_id: '1001', option_value: 'true' });
      await driver.passwords.authenticate(id, 'secret');
    });

    it('counts with what Newton wrote, who knows one column only', async () => {
      const driver = await fixtureOf().driver();
      const { id } = await createUser(driver);
      const expires = new Date('2020-01-02T03:04:05Z');
      await table('password').update(
        { local_user_id: await localId(id) },
        { expires_at: expires, expires_at_int: null, created_at_int: 0 },
      );
      expect((await driver.users.get(id)).password_expires_at).to.equal('2020-01-02T03:04:05.000000');
      expect(await rejection(driver.passwords.authenticate(id, 'secret'))).to.be.instanceOf(PasswordExpired);
    });

    it('leaves out the users who are exempted', async () => {
      const { id } = await createUser(await fixtureOf().driver());
      const driver = await fixtureOf().driver(
        'password_expires_days = 2',
        `password_expires_ignore_user_ids = x,${id}`,
      );
      await driver.users.update(id, {}, await driver.passwords.prepare('other'));
      expect((await driver.users.get(id)).password_expires_at).to.equal(null);
    });
  });

  describe('history of passwords', () => {
    it('refuses the last ones, the current among them, and keeps no more than it needs', async () => {
      const driver = await fixtureOf().driver('unique_last_password_count = 3');
      const { id } = await createUser(driver, 'p1');
      await changeOwn(driver, id, 'p2');
      await changeOwn(driver, id, 'p3');
      for (const old of ['p1', 'p2', 'p3']) {
        const error = await rejection(changeOwn(driver, id, old));
        expect(error, old).to.be.instanceOf(PasswordValidationError);
        expect(error.message).to.contain('must be unique is: 3').and.not.contain(old);
      }
      await changeOwn(driver, id, 'p4');
      await changeOwn(driver, id, 'p1');
      await driver.passwords.authenticate(id, 'p1');
      expect(await passwordRows(id)).to.have.length.at.most(4);
    });

    it('is no matter for administrators', async () => {
      const driver = await fixtureOf().driver('unique_last_password_count = 3');
      const { id } = await createUser(driver, 'p1');
      await driver.users.update(id, {}, await driver.passwords.prepare('p1'));
      await driver.passwords.authenticate(id, 'p1');
    });

    it('is not looked at by default', async () => {
      const driver = await fixtureOf().driver();
      const { id } = await createUser(driver, 'p1');
      await changeOwn(driver, id, 'p1');
      await driver.passwords.authenticate(id, 'p1');
    });
  });

  describe('minimum age of passwords', () => {
    it('holds between changes by the user, not after one by an administrator', async () => {
      const driver = await fixtureOf().driver('minimum_password_age = 2');
      const { id } = await createUser(driver, 'p1');
      await changeOwn(driver, id, 'p2');
      // In the same millisecond, two whole days would be left.
      await age(id, DAY / 24);
      const error = await rejection(changeOwn(driver, id, 'p3'));
      expect(error).to.be.instanceOf(PasswordAgeValidationError);
      expect(error.message).to.contain('for 2 day(s)').and.contain('in 1 day(s)');
      await age(id, 2 * DAY);
      await changeOwn(driver, id, 'p3');
      await driver.users.update(id, {}, await driver.passwords.prepare('p4'));
      await changeOwn(driver, id, 'p5');
    });
  });

  describe('a change by the user', () => {
    it('is refused when the password was changed since it was checked', async () => {
      const driver = await fixtureOf().driver();
      const { id } = await createUser(driver, 'p1');
      const [one, two] = [
        await driver.passwords.prepareOwn(id, 'p2'),
        await driver.passwords.prepareOwn(id, 'p3'),
      ];
      await driver.passwords.changeOwn(id, one);
      expect(await rejection(driver.passwords.changeOwn(id, two))).to.be.instanceOf(Unauthorized);
      await driver.passwords.authenticate(id, 'p2');
    });

    it('is refused to users whom a later release forbade it', async () => {
      const driver = await fixtureOf().driver();
      const { id } = await createUser(driver);
      await table('user_option').insert({ user_id: id, option_id: '1003', option_value: 'true' });
      expect(await rejection(driver.passwords.prepareOwn(id, 'p2'))).to.be.instanceOf(
        PasswordValidationError,
      );
    });

    it('is marked as such, and ends the password before', async () => {
      const driver = await fixtureOf().driver('unique_last_password_count = 2');
      const { id } = await createUser(driver, 'p1');
      await changeOwn(driver, id, 'p2');
      const [before, now] = await passwordRows(id);
      expect(before?.self_service).to.equal(false);
      expect(before?.expires_at_int)
        .to.be.a('number')
        .that.is.at.most(Date.now() * 1000);
      expect(now?.self_service).to.equal(true);
      expect(now?.created_at_int).to.be.above(before?.created_at_int ?? Infinity);
    });
  });

  describe('inactivity', () => {
    let driver: IdentityDriver;
    let clock: HeldClock;
    before(async () => {
      driver = await fixtureOf().driver('disable_user_account_days_inactive = 10');
    });
    // It counts days: at noon none begins in the middle of a test.
    beforeEach(() => {
      clock = holdClock();
      clock.advance(1.5 * DAY - (Date.now() % DAY));
    });
    afterEach(() => clock.release());
    const dayBefore = (days: number): string => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);

    async function lastActive(
      id: string,
      day: string | null,
      created: Date | null = new Date(),
    ): Promise<void> {
      await table('user').update({ id }, { last_active_at: day, created_at: created });
    }

    it('disables by the day of the last sign-in', async () => {
      const { id } = await createUser(driver);
      await lastActive(id, dayBefore(9));
      expect((await driver.users.get(id)).enabled).to.equal(true);
      await lastActive(id, dayBefore(10));
      expect((await driver.users.get(id)).enabled).to.equal(false);
      expect((await driver.users.summaries([id]))[0]?.enabled).to.equal(false);
      expect(await rejection(driver.passwords.authenticate(id, 'secret'))).to.be.instanceOf(UserDisabled);
    });

    it('disables by the day of creation while there was no sign-in', async () => {
      const { id } = await createUser(driver);
      await lastActive(id, null, new Date(Date.now() - 9 * DAY));
      expect((await driver.users.get(id)).enabled).to.equal(true);
      await lastActive(id, null, new Date(Date.now() - 10 * DAY));
      expect((await driver.users.get(id)).enabled).to.equal(false);
      await lastActive(id, null, null);
      expect((await driver.users.get(id)).enabled).to.equal(true);
    });

    it('counts in filters', async () => {
      const { id, name } = await createUser(driver);
      await lastActive(id, dayBefore(10));
      const find = async (enabled: boolean): Promise<number> => {
        const hints = new Hints().addFilter('name', name).addFilter('enabled', enabled);
        return finishList(hints, await driver.users.list(hints)).entities.length;
      };
      expect([await find(true), await find(false)]).to.deep.equal([0, 1]);
    });

    it('is over with a sign-in or when an administrator enables the user', async () => {
      const { id } = await createUser(driver);
      await lastActive(id, dayBefore(5));
      await driver.passwords.authenticate(id, 'secret');
      expect((await table('user').get(id))?.last_active_at).to.equal(dayBefore(0));
      await lastActive(id, dayBefore(20));
      expect((await driver.users.update(id, { enabled: true })).enabled).to.equal(true);
      expect((await table('user').get(id))?.last_active_at).to.equal(dayBefore(0));
    });

    it('spares users whom a later release exempted, and the disabled stay so', async () => {
      const { id } = await createUser(driver);
      await lastActive(id, dayBefore(20));
      await table('user_option').insert({ user_id: id, option_id: '1004', option_value: 'true' });
      expect((await driver.users.get(id)).enabled).to.equal(true);
      expect((await driver.users.update(id, { enabled: false })).enabled).to.equal(false);
    });
  });

  describe('the time of a refusal', () => {
    it('does not tell whether the user exists or is locked', async function theTime() {
      this.timeout(120_000);
      const driver = await fixtureOf().slowDriver('lockout_failure_attempts = 100');
      const { id } = await createUser(driver);
      const locked = await createUser(driver);
      await table('local_user').update(
        { user_id: locked.id },
        { failed_auth_count: 100, failed_auth_at: new Date() },
      );
      const fastest = new Map<string, number>();
      // Without the work of a hash the answer would come twenty times sooner; the rest is noise of the machine.
      const isAlike = (): boolean => {
        const [wrong = 0, ...others] = fastest.values();
        return others.every((other) => other / wrong >= 0.4 && other / wrong <= 2.5);
      };
      // The less the machine lets see, the more often it is measured.
      for (let round = 0; round < 4 || (round < 24 && !isAlike()); round += 1) {
        for (const userId of [id, locked.id, 'nobody']) {
          // Of the hashing threads too: other load does not change it.
          const took = await cpuTime(() => rejection(driver.passwords.authenticate(userId, 'wrong')));
          fastest.set(userId, Math.min(fastest.get(userId) ?? Infinity, took));
        }
      }
      expect(isAlike(), JSON.stringify([...fastest.values()])).to.equal(true);
    });
  });

  describe('rows that others wrote', () => {
    it('are read with hashes of either column', async () => {
      const driver = await fixtureOf().driver();
      const { id } = await createUser(driver);
      const [row] = await passwordRows(id);
      expect(row?.password_hash)
        .to.match(/^\$6\$/)
        .and.equal(row?.password);
      await table('password').update({ id: row?.id ?? -1 }, { password_hash: null });
      await driver.passwords.authenticate(id, 'secret');
    });

    it('may hold several passwords, of which the youngest counts', async () => {
      const driver = await fixtureOf().driver('unique_last_password_count = 5');
      const { id } = await createUser(driver, 'old');
      await changeOwn(driver, id, 'new');
      const [older, newer] = await passwordRows(id);
      // As Newton leaves them: no microseconds, seconds apart.
      const set = (row: PasswordRow | undefined, created: string): Promise<number> =>
        table('password').update({ id: row?.id ?? -1 }, { created_at: new Date(created), created_at_int: 0 });
      await set(older, '2020-01-01T00:00:02Z');
      await set(newer, '2020-01-01T00:00:01Z');
      // It was right once more, but it had expired when the other took its place.
      expect(await rejection(driver.passwords.authenticate(id, 'old'))).to.be.instanceOf(PasswordExpired);
      expect(await rejection(driver.passwords.authenticate(id, 'new'))).to.be.instanceOf(Unauthorized);
    });

    it('may be users of directories and federations, or users without a name', async () => {
      const driver = await fixtureOf().driver();
      const suffix = uuidHex().slice(0, 8);
      const domain = `domain-${suffix}`;
      const ids = ['nonlocal', 'federated', 'nameless'].map((kind) => `${kind}-${suffix}`);
      for (const id of ids) await table('user').insert({ id, domain_id: domain, enabled: true, extra: '{}' });
      const [nonlocal = '', federated = '', nameless = ''] = ids;
      await table('nonlocal_user').insert({ user_id: nonlocal, domain_id: domain, name: nonlocal });
      await insertFederatedUser(federated, suffix);

      const hints = (name: string): Hints => new Hints().addFilter('name', name);
      for (const id of [nonlocal, federated]) {
        const user = await driver.users.get(id);
        expect(user).to.deep.equal({
          id,
          name: id,
          domain_id: domain,
          enabled: true,
          password_expires_at: null,
        });
        expect(await driver.users.list(hints(id)), id).to.deep.equal([user]);
        expect((await driver.users.summaries([id]))[0]?.name).to.equal(id);
        expect((await rejection(driver.passwords.authenticate(id, 'x'))).constructor).to.equal(Unauthorized);
        const renamed = await driver.users.update(id, { name: `${id}-renamed` });
        expect(renamed.name).to.equal(`${id}-renamed`);
        const setPassword = driver.users.update(id, {}, await driver.passwords.prepare('x'));
        expect(await rejection(setPassword)).to.be.instanceOf(ValidationError);
      }
      const inDomain = await driver.users.list(new Hints().addFilter('domain_id', domain));
      expect(inDomain.map(({ id }) => id)).to.have.members([nonlocal, federated]);
      const all = await driver.users.list(new Hints());
      expect(all.filter(({ domain_id }) => domain_id === domain).map(({ id }) => id)).to.have.members(ids);
      expect(await driver.users.listIdsOfDomain(domain)).to.have.members(ids);
      for (const id of ids) await driver.users.delete(id);
      expect(await table('nonlocal_user').count({ user_id: nonlocal })).to.equal(0);
      expect(await table('federated_user').count({ user_id: federated })).to.equal(0);
      expect(await rejection(driver.users.get(nameless))).to.have.property('name', 'UserNotFound');
    });

    async function insertFederatedUser(userId: string, suffix: string): Promise<void> {
      const idp = `idp-${suffix}`;
      await table('identity_provider').insert({ id: idp, enabled: true, domain_id: 'default' });
      await table('federation_protocol').insert({ id: 'mapped', idp_id: idp, mapping_id: 'm' });
      for (const unique of ['one', 'two']) {
        await table('federated_user').insert({
          user_id: userId,
          idp_id: idp,
          protocol_id: 'mapped',
          unique_id: unique,
          display_name: unique === 'one' ? userId : 'another name',
        });
      }
    }

    it('may have broken or empty extra attributes', async () => {
      const driver = await fixtureOf().driver();
      const { id } = await createUser(driver);
      for (const extra of [null, '', 'not JSON', '[1]', '{}']) {
        await table('user').update({ id }, { extra });
        expect((await driver.users.get(id)).id).to.equal(id);
      }
      await table('user').update({ id }, { extra: '{"password": "old", "tenants": [], "email": "e"}' });
      expect(await driver.users.get(id))
        .to.include({ email: 'e' })
        .and.not.have.any.keys('password', 'tenants');
    });
  });
}
