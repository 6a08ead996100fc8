/** Routes of users and groups. */
import { coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';
import {
  GROUP_FILTERS,
  GroupController,
  USER_FILTERS,
  USER_GROUPS_FILTERS,
  UserController,
} from './controllers.js';
import type { IdentityManager } from './manager.js';
import { groupCreate, groupUpdate, passwordChange, userCreate, userUpdate } from './schema.js';

export function identityRoutes(manager: IdentityManager, conf: Conf): readonly Route[] {
  const users = new UserController(manager, conf);
  const groups = new GroupController(manager, conf);
  const onUser = (action: string): Access => ({
    kind: 'protected',
    target: `identity:${action}`,
    members: users.target,
  });
  const onGroup = (action: string): Access => ({
    kind: 'protected',
    target: `identity:${action}`,
    members: groups.target,
  });
  const onMembership = (action: string): Access => ({
    kind: 'protected',
    target: `identity:${action}`,
    members: groups.membershipTarget,
  });
  const membership = '/groups/{group_id}/users/{user_id}';

  return [
    {
      method: 'POST',
      path: '/users/{user_id}/password',
      access: onUser('change_password'),
      schema: { member: 'user', schema: passwordChange },
      handler: users.changePassword,
      rel: coreRel('user_change_password'),
    },
    {
      method: 'GET',
      path: '/groups/{group_id}/users',
      access: {
        kind: 'filter',
        target: 'identity:list_users_in_group',
        filters: USER_FILTERS,
        members: groups.target,
      },
      handler: groups.listUsers,
      rel: coreRel('group_users'),
    },
    {
      method: 'GET',
      path: membership,
      access: onMembership('check_user_in_group'),
      handler: groups.checkUser,
      rel: coreRel('group_user'),
    },
    { method: 'PUT', path: membership, access: onMembership('add_user_to_group'), handler: groups.addUser },
    {
      method: 'DELETE',
      path: membership,
      access: onMembership('remove_user_from_group'),
      handler: groups.removeUser,
    },
    {
      method: 'GET',
      path: '/users/{user_id}/groups',
      access: {
        kind: 'filter',
        target: 'identity:list_groups_for_user',
        filters: USER_GROUPS_FILTERS,
        members: users.target,
      },
      handler: users.listGroups,
      rel: coreRel('user_groups'),
    },
    {
      method: 'POST',
      path: '/users',
      access: { kind: 'protected', target: 'identity:create_user' },
      schema: { member: 'user', schema: userCreate },
      handler: users.create,
      rel: coreRel('users'),
    },
    {
      method: 'GET',
      path: '/users',
      access: { kind: 'filter', target: 'identity:list_users', filters: USER_FILTERS },
      handler: users.list,
    },
    {
      method: 'GET',
      path: '/users/{user_id}',
      access: onUser('get_user'),
      handler: users.get,
      rel: coreRel('user'),
    },
    {
      method: 'PATCH',
      path: '/users/{user_id}',
      access: onUser('update_user'),
      schema: { member: 'user', schema: userUpdate },
      handler: users.update,
    },
    { method: 'DELETE', path: '/users/{user_id}', access: onUser('delete_user'), handler: users.delete },
    {
      method: 'POST',
      path: '/groups',
      access: { kind: 'protected', target: 'identity:create_group' },
      schema: { member: 'group', schema: groupCreate },
      handler: groups.create,
      rel: coreRel('groups'),
    },
    {
      method: 'GET',
      path: '/groups',
      access: { kind: 'filter', target: 'identity:list_groups', filters: GROUP_FILTERS },
      handler: groups.list,
    },
    {
      method: 'GET',
      path: '/groups/{group_id}',
      access: onGroup('get_group'),
      handler: groups.get,
      rel: coreRel('group'),
    },
    {
      method: 'PATCH',
      path: '/groups/{group_id}',
      access: onGroup('update_group'),
      schema: { member: 'group', schema: groupUpdate },
      handler: groups.update,
    },
    { method: 'DELETE', path: '/groups/{group_id}', access: onGroup('delete_group'), handler: groups.delete },
  ];
}
