/** Users and groups: disabled, renamed, with other passwords, members or not, deleted. */
import { personsOf, type User } from '../truth.js';
import type { Aim, Change, Move } from './types.js';

const NOBODY = undefined;

/** One of those whom the token speaks for or by. */
function person({ token, random }: Aim, suits: (user: User) => boolean = () => true): User | undefined {
  return random.pick(personsOf(token).filter((user) => user.gone !== true && suits(user)));
}

/** @param changed what becomes of the user; null: what it says is not good for this user */
function update(
  { world }: Aim,
  user: User | undefined,
  changed: Partial<Pick<User, 'name' | 'enabled' | 'password'>>,
  revokes: boolean,
): Move | null {
  if (user === NOBODY) return null;
  return {
    of: `${user.id}: ${JSON.stringify(changed)}`,
    make: (api) => api.done('PATCH', `/users/${user.id}`, { user: changed }),
    learn: () => {
      Object.assign(user, changed);
      if (revokes) world.truth.revokeOfUser(user);
    },
  };
}

export const PEOPLE_CHANGES: Readonly<Record<string, Change>> = {
  'a user is disabled': (aim) =>
    update(
      aim,
      person(aim, ({ enabled }) => enabled),
      { enabled: false },
      true,
    ),
  'a user is enabled': (aim) =>
    update(
      aim,
      aim.random.pick(
        aim.world.cells
          .flatMap(({ users }) => users)
          .filter(({ gone, enabled }) => gone !== true && !enabled),
      ),
      { enabled: true },
      false,
    ),
  'a user is renamed': (aim) => update(aim, person(aim), { name: aim.world.fresh('renamed') }, false),
  'a password is set': (aim) => update(aim, person(aim), { password: aim.world.fresh('secret') }, true),
  'a password is changed': (aim) => {
    const user = person(aim, ({ enabled, domain }) => enabled && domain.enabled);
    if (user === NOBODY) return null;
    const { world } = aim;
    const body = { original_password: user.password, password: world.fresh('secret') };
    return {
      of: user.id,
      make: (api) => api.done('POST', `/users/${user.id}/password`, { user: body }),
      learn: () => {
        user.password = body.password;
        world.truth.revokeOfUser(user);
      },
    };
  },
  'a user is deleted': (aim) => {
    const user = person(aim);
    if (user === NOBODY) return null;
    const { truth } = aim.world;
    return {
      of: user.id,
      make: (api) => api.done('DELETE', `/users/${user.id}`),
      learn: () => {
        user.gone = true;
        truth.revokeOfUser(user);
        truth.grants = new Set([...truth.grants].filter(({ actor }) => actor !== user));
        for (const { groups } of aim.world.cells) for (const { members } of groups) members.delete(user);
      },
    };
  },
  'a user joins a group': (aim) => {
    const user = person(aim);
    const group = aim.random.pick(aim.cell.groups.filter(({ gone }) => gone !== true));
    if (user === NOBODY || group === undefined || group.members.has(user)) return null;
    return {
      of: `${user.id}, ${group.id}`,
      make: (api) => api.done('PUT', `/groups/${group.id}/users/${user.id}`),
      learn: () => void group.members.add(user),
    };
  },
  'a user leaves a group': (aim) => {
    const user = person(aim);
    const group = aim.random.pick(
      aim.cell.groups.filter(({ gone, members }) => gone !== true && user !== NOBODY && members.has(user)),
    );
    if (user === NOBODY || group === undefined) return null;
    return {
      of: `${user.id}, ${group.id}`,
      make: (api) => api.done('DELETE', `/groups/${group.id}/users/${user.id}`),
      learn: () => {
        group.members.delete(user);
        aim.world.truth.revokeOfUser(user);
      },
    };
  },
  'a group is deleted': ({ cell, world: { truth }, random }) => {
    const group = random.pick(cell.groups.filter(({ gone }) => gone !== true));
    if (group === undefined) return null;
    return {
      of: group.id,
      make: (api) => api.done('DELETE', `/groups/${group.id}`),
      learn: () => {
        group.gone = true;
        for (const user of group.members) truth.revokeOfUser(user);
        truth.grants = new Set([...truth.grants].filter(({ actor }) => actor !== group));
      },
    };
  },
};
