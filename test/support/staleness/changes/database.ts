/** Changes that somebody makes in the database, without the service: no event of revocation tells of them. */
import { prepareSql } from '../../../../src/common/sql/index.js';
import { personsOf } from '../truth.js';
import { grantBehind } from './roles.js';
import type { Change } from './types.js';

const USER = prepareSql({ text: 'UPDATE "user" SET enabled = ? WHERE id = ?' });
const ROLE = prepareSql({ text: 'UPDATE role SET name = ? WHERE id = ?' });
const URL = prepareSql({ text: 'UPDATE endpoint SET url = ? WHERE id = ?' });
const GRANT = prepareSql({
  text: 'DELETE FROM assignment WHERE actor_id = ? AND target_id = ? AND role_id = ? AND inherited = ?',
});

export const DATABASE_CHANGES: Readonly<Record<string, Change>> = {
  'a user is disabled or enabled in the database': ({ token, world: { database }, random }) => {
    const user = random.pick(personsOf(token).filter(({ gone }) => gone !== true));
    if (user === undefined) return null;
    const enabled = !user.enabled;
    return {
      of: `${user.id} to ${enabled}`,
      make: () => database.execute(USER, [enabled, user.id]),
      learn: () => void (user.enabled = enabled),
    };
  },
  'a role is taken away in the database': (aim) => {
    const grant = grantBehind(aim);
    if (grant === undefined) return null;
    const { actor, target, role, inherited } = grant;
    return {
      of: `${role.id} from ${actor.id} on ${target.id}`,
      make: () => aim.world.database.execute(GRANT, [actor.id, target.id, role.id, inherited]),
      learn: () => void aim.world.truth.grants.delete(grant),
    };
  },
  'a role is renamed in the database': ({ world, random }) => {
    const role = random.pick(world.truth.roles);
    if (role === undefined) return null;
    const name = world.fresh('role');
    return {
      of: `${role.id} to ${name}`,
      make: () => world.database.execute(ROLE, [name, role.id]),
      learn: () => void (role.name = name),
    };
  },
  'an endpoint is changed in the database': ({ world, random }) => {
    const endpoint = random.pick(random.pick(world.truth.services)?.endpoints ?? []);
    if (endpoint === undefined) return null;
    const url = `http://${world.fresh('host')}/`;
    return {
      of: `${endpoint.id} to ${url}`,
      make: () => world.database.execute(URL, [url, endpoint.id]),
      learn: () => void (endpoint.url = url),
    };
  },
};
