/**
 * Several identity drivers as one, which speaks public ids. It stands in the place of the standard driver wherever
 * that alone would not do: with drivers of domains, or with a standard driver that knows no domains or makes no ids.
 */
import { DomainNotFound } from '../../../common/errors.js';
import { Hints } from '../../../common/hints.js';
import type { ManagerContext } from '../../subsystem.js';
import type { DriverTraits, GroupDriver, IdentityDriver, PasswordDriver, UserDriver } from '../driver.js';
import type { ShadowDriver } from '../shadow_driver.js';
import type { DomainDrivers } from './domain_drivers.js';
import { Entities } from './entities.js';
import { PublicGroups } from './public_groups.js';
import { PublicIds } from './public_ids.js';
import { PublicPasswords, PublicUsers } from './public_users.js';

/** What is known here of entities that lie in a directory: their public ids. */
export interface KnownEntities {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** An entity, or the domain of one that is yet to be made. */
export type EntityPlace =
  | { readonly domainId: string }
  | { readonly userId: string }
  | { readonly groupId: string };

export interface Populated {
  /** Users in the driver of the domain. */
  readonly users: number;
  /** Those who have got a public id just now. */
  readonly added: number;
}

export class Directories implements IdentityDriver {
  readonly traits: DriverTraits = { isDomainAware: true, generatesUuids: true, isSql: false };
  readonly users: UserDriver;
  readonly passwords: PasswordDriver;
  readonly groups: GroupDriver;
  private readonly publicIds: PublicIds;

  constructor(
    private readonly drivers: DomainDrivers,
    private readonly shadows: ShadowDriver,
    private readonly context: ManagerContext,
  ) {
    this.publicIds = new PublicIds(drivers, context);
    const entities = new Entities(drivers, this.publicIds, context);
    this.users = new PublicUsers(entities, shadows, context);
    this.passwords = new PublicPasswords(entities, shadows);
    this.groups = new PublicGroups(entities, context);
  }

  /** Look at the configurations of domains again. @throws Error when they cannot be used together */
  reload(): Promise<void> {
    return this.drivers.reload();
  }

  close(): Promise<void> {
    return this.drivers.close();
  }

  /** Whether something lies outside of the SQL tables. What does not exist lies nowhere. */
  async isOutside(place: EntityPlace): Promise<boolean> {
    let domainId: string | null;
    if ('domainId' in place) {
      ({ domainId } = place);
    } else {
      const found =
        'userId' in place
          ? await this.publicIds.find(place.userId, 'user')
          : await this.publicIds.find(place.groupId, 'group');
      if (found === null) return false;
      ({ domainId } = found);
    }
    try {
      return await this.drivers.use(domainId, ({ driver }) => Promise.resolve(!driver.traits.isSql));
    } catch (error) {
      if (error instanceof DomainNotFound) return false;
      throw error;
    }
  }

  /** What is known of a domain's entities that do not lie in the SQL tables. */
  async known(domainId: string): Promise<KnownEntities> {
    const mappings = await this.context.providers.idMapping.list({ domainId });
    // Entities in the SQL tables keep their ids.
    const outside = mappings.filter(({ publicId, localId }) => publicId !== localId);
    const idsOf = (type: 'user' | 'group'): string[] =>
      outside.filter((mapping) => mapping.type === type).map(({ publicId }) => publicId);
    return { users: idsOf('user'), groups: idsOf('group') };
  }

  /** Forget entities of a domain. The directory is left as it is, and not asked. */
  async forget(domainId: string, { users, groups }: KnownEntities): Promise<void> {
    await this.context.providers.idMapping.delete([...users, ...groups]);
    await this.shadows.deleteOfDomain(domainId);
  }

  /**
   * Make public ids for all users of a domain.
   * @param progress told how many have one
   * @returns null when the domain's users need none
   * @throws DomainNotFound, UnexpectedError as DomainDrivers.use does
   */
  populate(domainId: string, progress: (done: number, total: number) => void): Promise<Populated | null> {
    return this.drivers.use(domainId, async (selection) => {
      if (!this.publicIds.isMapped(selection)) return null;
      const { driver } = selection;
      const { idMapping } = this.context.providers;
      const hints = new Hints();
      if (driver.traits.isDomainAware) hints.addFilter('domain_id', domainId);
      const ids = (await driver.users.list(hints)).map((user) => user.id);
      const before = await idMapping.count({ domainId, type: 'user' });
      await idMapping.publicIds(domainId, 'user', ids, {
        keepIds: driver.traits.generatesUuids,
        progress: (done) => progress(done, ids.length),
      });
      const added = (await idMapping.count({ domainId, type: 'user' })) - before;
      return { users: ids.length, added };
    });
  }
}
