/** Groups and memberships in several drivers, under public ids. A group has members of its own driver only. */
import { CrossBackendNotAllowed, GroupNotFound, NotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import type { ManagerContext } from '../../subsystem.js';
import type { GroupDriver } from '../driver.js';
import { membersOf } from '../members.js';
import type { Group, GroupChanges, User } from '../types.js';
import { type Entities, notFound, withPublicIds } from './entities.js';
import { isOwn, type Place, publicIdOf } from './public_ids.js';

export class PublicGroups implements GroupDriver {
  constructor(
    private readonly entities: Entities,
    private readonly context: ManagerContext,
  ) {}

  create(group: Group): Promise<Group> {
    const { drivers, publicIds } = this.entities;
    return drivers.use(group.domain_id, async (selection) => {
      const created = await selection.driver.groups.create(group);
      const [published] = await publicIds.publish(selection, 'group', [created]);
      if (published === undefined) throw new GroupNotFound({ group_id: created.id });
      return published;
    });
  }

  get(id: string): Promise<Group> {
    return this.entities.withOne('group', id, async ({ driver, domainId }, localId, place) =>
      published(await driver.groups.get(localId), place, driver.traits.isDomainAware ? null : domainId),
    );
  }

  getByName(name: string, domainId: string): Promise<Group> {
    const { drivers, publicIds } = this.entities;
    return drivers.use(domainId, async (selection) => {
      const group = await selection.driver.groups.getByName(name, domainId);
      const [found] = await publicIds.publish(selection, 'group', [group]);
      if (found === undefined) throw new GroupNotFound({ group_id: name });
      return found;
    });
  }

  list(hints: Hints): Promise<Group[]> {
    const { drivers, publicIds } = this.entities;
    return drivers.use(this.entities.domainOfList(hints), async (selection) => {
      this.entities.prepareHints(hints, selection);
      return publicIds.publish(selection, 'group', await selection.driver.groups.list(hints));
    });
  }

  listFromIds(ids: readonly string[]): Promise<Group[]> {
    return this.entities.withMany('group', ids, ({ driver }, localIds) =>
      driver.groups.listFromIds(localIds),
    );
  }

  /** As PublicUsers.listIdsOfDomain. */
  async listIdsOfDomain(domainId: string): Promise<string[]> {
    const { drivers, publicIds } = this.entities;
    const ids = await drivers.useSql(domainId, async (selection) =>
      publicIds.publishIds(selection, 'group', await selection.driver.groups.listIdsOfDomain(domainId)),
    );
    return ids ?? [];
  }

  update(id: string, changes: GroupChanges): Promise<Group> {
    const { id: _id, ...own } = changes;
    return this.entities.withOne('group', id, async ({ driver, domainId }, localId, place) => {
      if (driver.traits.isDomainAware) {
        return published(await driver.groups.update(localId, own), place, null);
      }
      const { domain_id: _domain, ...inDomain } = own;
      return published(await driver.groups.update(localId, inDomain), place, domainId);
    });
  }

  delete(id: string): Promise<void> {
    return this.entities.withOne('group', id, async ({ driver }, localId, { isMapped }) => {
      await driver.groups.delete(localId);
      if (isMapped) await this.context.providers.idMapping.delete([id]);
    });
  }

  addUser(userId: string, groupId: string): Promise<void> {
    return this.withMembership(userId, groupId, (groups, user, group) => groups.addUser(user, group));
  }

  removeUser(userId: string, groupId: string): Promise<void> {
    return this.withMembership(userId, groupId, (groups, user, group) => groups.removeUser(user, group));
  }

  checkUser(userId: string, groupId: string): Promise<void> {
    return this.withMembership(userId, groupId, (groups, user, group) => groups.checkUser(user, group));
  }

  listUsers(groupId: string, hints: Hints): Promise<User[]> {
    return this.entities.withOne('group', groupId, async (selection, localId) => {
      this.entities.prepareHints(hints, selection);
      const users = await selection.driver.groups.listUsers(localId, hints);
      return this.entities.publicIds.publish(selection, 'user', users);
    });
  }

  listUserIds(groupId: string): Promise<string[]> {
    const { publicIds } = this.entities;
    return orNone(
      this.entities.withOne('group', groupId, async (selection, localId) =>
        publicIds.publishIds(selection, 'user', await selection.driver.groups.listUserIds(localId)),
      ),
    );
  }

  /** The ids of all members are translated together. */
  async listUserIdsOf(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const { publicIds } = this.entities;
    const members = new Map<string, readonly string[]>();
    await this.entities.withPlaces('group', groupIds, async (selection, places) => {
      const found = await membersOf(selection.driver.groups, [...places.keys()]);
      const localIds = [...new Set([...found.values()].flat())];
      const publicIdOf = await publicIds.publishMap(selection, 'user', localIds);
      for (const [localId, publicId] of places) {
        members.set(
          publicId,
          (found.get(localId) ?? []).flatMap((id) => publicIdOf.get(id) ?? []),
        );
      }
    });
    return members;
  }

  listOfUser(userId: string, hints: Hints): Promise<Group[]> {
    return this.entities.withOne('user', userId, async (selection, localId) => {
      this.entities.prepareHints(hints, selection);
      const groups = await selection.driver.groups.listOfUser(localId, hints);
      return this.entities.publicIds.publish(selection, 'group', groups);
    });
  }

  listIdsOfUser(userId: string): Promise<string[]> {
    const { publicIds } = this.entities;
    return orNone(
      this.entities.withOne('user', userId, async (selection, localId) =>
        publicIds.publishIds(selection, 'group', await selection.driver.groups.listIdsOfUser(localId)),
      ),
    );
  }

  /** @throws CrossBackendNotAllowed when user and group exist in different drivers */
  private async withMembership(
    userId: string,
    groupId: string,
    work: (groups: GroupDriver, localUserId: string, localGroupId: string) => Promise<void>,
  ): Promise<void> {
    const { drivers, publicIds } = this.entities;
    const group = await publicIds.find(groupId, 'group');
    if (group === null) throw notFound('group', groupId);
    const user = await publicIds.find(userId, 'user');
    if (user === null) throw notFound('user', userId);
    try {
      await drivers.use(group.domainId, (groupSelection) =>
        drivers.use(user.domainId, async (userSelection) => {
          if (!isOwn(groupSelection, group)) throw notFound('group', groupId);
          if (!isOwn(userSelection, user)) throw notFound('user', userId);
          const [ofGroup, ofUser] = [groupSelection.driver, userSelection.driver];
          if (ofUser === ofGroup) return work(ofGroup.groups, user.localId, group.localId);
          await ofUser.users.get(user.localId);
          await ofGroup.groups.get(group.localId);
          throw new CrossBackendNotAllowed({ group_id: groupId, user_id: userId });
        }),
      );
    } catch (error) {
      throw withPublicIds(error, { user: userId, group: groupId });
    }
  }
}

async function orNone(ids: Promise<string[]>): Promise<string[]> {
  try {
    return await ids;
  } catch (error) {
    if (error instanceof NotFound) return [];
    throw error;
  }
}

/** @param domainId of a driver that knows no domains */
function published(group: Group, place: Place, domainId: string | null): Group {
  return { ...group, id: publicIdOf(place, group), ...(domainId !== null && { domain_id: domainId }) };
}
