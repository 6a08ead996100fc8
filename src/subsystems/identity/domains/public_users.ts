/** Users and their passwords in several drivers, under public ids. */
import { DomainNotFound, Unauthorized, UserDisabled, UserNotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import type { ManagerContext } from '../../subsystem.js';
import type { PasswordDriver, PasswordOwner, PreparedPassword, UserDriver } from '../driver.js';
import type { ShadowDriver } from '../shadow_driver.js';
import type { NewUser, User, UserChanges, UserSummary } from '../types.js';
import type { Selection } from './domain_drivers.js';
import type { Entities } from './entities.js';
import { type Place, publicIdOf } from './public_ids.js';

/** Longest id that the table of users takes. */
const USER_ID_LENGTH = 64;

export class PublicUsers implements UserDriver {
  constructor(
    private readonly entities: Entities,
    private readonly shadows: ShadowDriver,
    private readonly context: ManagerContext,
  ) {}

  create(user: NewUser, password?: PreparedPassword): Promise<User> {
    const { drivers, publicIds } = this.entities;
    return drivers.use(user.domain_id, async (selection) => {
      const created = await selection.driver.users.create(user, password);
      const [published] = await publicIds.publish(selection, 'user', [created]);
      if (published === undefined) throw new UserNotFound({ user_id: created.id });
      return published;
    });
  }

  get(id: string): Promise<User> {
    return this.entities.withOne('user', id, async ({ driver, domainId }, localId, place) =>
      published(await driver.users.get(localId), place, driver.traits.isDomainAware ? null : domainId),
    );
  }

  getByName(name: string, domainId: string): Promise<User> {
    const { drivers, publicIds } = this.entities;
    return drivers.use(domainId, async (selection) => {
      const user = await selection.driver.users.getByName(name, domainId);
      const [found] = await publicIds.publish(selection, 'user', [user]);
      if (found === undefined) throw new UserNotFound({ user_id: name });
      return found;
    });
  }

  list(hints: Hints): Promise<User[]> {
    const { drivers, publicIds } = this.entities;
    return drivers.use(this.entities.domainOfList(hints), async (selection) => {
      this.entities.prepareHints(hints, selection);
      return publicIds.publish(selection, 'user', await selection.driver.users.list(hints));
    });
  }

  /** Of users in directories nothing is listed: what is known of them goes in another way, and they stay there. */
  async listIdsOfDomain(domainId: string): Promise<string[]> {
    const { drivers, publicIds } = this.entities;
    const ids = await drivers.useSql(domainId, async (selection) =>
      publicIds.publishIds(selection, 'user', await selection.driver.users.listIdsOfDomain(domainId)),
    );
    return ids ?? [];
  }

  summaries(ids: readonly string[]): Promise<UserSummary[]> {
    return this.entities.withMany('user', ids, ({ driver }, localIds) => driver.users.summaries(localIds));
  }

  listFromIds(ids: readonly string[]): Promise<User[]> {
    return this.entities.withMany('user', ids, async ({ driver }, localIds) => {
      if (driver.users.listFromIds !== undefined) return driver.users.listFromIds(localIds);
      const users: User[] = [];
      for (const localId of localIds) {
        try {
          users.push(await driver.users.get(localId));
        } catch (error) {
          if (!(error instanceof UserNotFound)) throw error;
        }
      }
      return users;
    });
  }

  update(id: string, changes: UserChanges, password?: PreparedPassword): Promise<User> {
    const { id: _id, ...own } = changes;
    return this.entities.withOne('user', id, async ({ driver, domainId }, localId, place) => {
      if (driver.traits.isDomainAware) {
        return published(await driver.users.update(localId, own, password), place, null);
      }
      const { domain_id: _domain, ...inDomain } = own;
      return published(await driver.users.update(localId, inDomain, password), place, domainId);
    });
  }

  delete(id: string): Promise<void> {
    return this.entities.withOne('user', id, async ({ driver }, localId, { isMapped }) => {
      await driver.users.delete(localId);
      if (isMapped) await this.context.providers.idMapping.delete([id]);
      if (!driver.traits.isSql) await this.shadows.delete([id]);
    });
  }
}

export class PublicPasswords implements PasswordDriver {
  constructor(
    private readonly entities: Entities,
    private readonly shadows: ShadowDriver,
  ) {}

  /** Who lies in a directory gets a row in the SQL tables: what later hangs on the user refers to it. */
  async authenticate(userId: string, password: string): Promise<void> {
    try {
      await this.entities.withOne('user', userId, async ({ driver, domainId }, localId, place) => {
        await driver.passwords.authenticate(localId, password);
        if (driver.traits.isSql) return;
        const user = await driver.users.get(localId);
        const { name, enabled } = user;
        const id = publicIdOf(place, user);
        if (!enabled) throw new UserDisabled({ user_id: userId });
        if (id.length <= USER_ID_LENGTH) {
          await this.shadows.ensure({ id, name, domain_id: domainId });
        }
      });
    } catch (error) {
      if (!(error instanceof UserNotFound)) throw error;
      // Nobody is to tell from the answer, nor from its time, who exists.
      await this.pretend(password);
      throw new Unauthorized(`Unknown user ${userId}`, { cause: error });
    }
  }

  async pretend(password: string, domainId?: string): Promise<void> {
    const refuse = ({ driver }: Selection): Promise<void> => driver.passwords.pretend(password);
    try {
      await this.entities.drivers.use(domainId ?? null, refuse);
    } catch (error) {
      if (!(error instanceof DomainNotFound)) throw error;
      await this.entities.drivers.use(null, refuse);
    }
  }

  prepare(password: string | null, owner?: PasswordOwner): Promise<PreparedPassword> {
    const { drivers } = this.entities;
    if (owner !== undefined && 'userId' in owner) {
      return this.entities.withOne('user', owner.userId, ({ driver }) => driver.passwords.prepare(password));
    }
    return drivers.use(owner?.domainId ?? null, ({ driver }) => driver.passwords.prepare(password));
  }

  prepareOwn(userId: string, password: string): Promise<PreparedPassword> {
    return this.entities.withOne('user', userId, ({ driver }, localId) =>
      driver.passwords.prepareOwn(localId, password),
    );
  }

  changeOwn(userId: string, password: PreparedPassword): Promise<void> {
    return this.entities.withOne('user', userId, ({ driver }, localId) =>
      driver.passwords.changeOwn(localId, password),
    );
  }
}

/** @param domainId of a driver that knows no domains */
function published(user: User, place: Place, domainId: string | null): User {
  return { ...user, id: publicIdOf(place, user), ...(domainId !== null && { domain_id: domainId }) };
}
