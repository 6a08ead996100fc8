/** HTTP ↔ manager for users and groups. */
import type { JsonObject } from '../../common/context.js';
import { Unauthorized, ValidationError } from '../../common/errors.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { domainOfRequest } from '../../common/http/domain_of_request.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { Conf } from '../../conf/index.js';
import type { IdentityManager } from './manager.js';
import { presentUpdatedUser } from './presenter.js';

export const USER_FILTERS = ['domain_id', 'enabled', 'name'] as const;
export const GROUP_FILTERS = ['domain_id', 'name'] as const;
export const USER_GROUPS_FILTERS = ['name'] as const;

const userId = (request: ApiRequest): string => request.params['user_id'] as string;
const groupId = (request: ApiRequest): string => request.params['group_id'] as string;

export class UserController {
  constructor(
    private readonly identity: IdentityManager,
    private readonly conf: Conf,
  ) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    user: await this.identity.getUser(userId(request)),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const attributes = withDomain(request, request.body['user'] as JsonObject, this.conf);
    const user = await this.identity.createUser(attributes, initiatorOf(request));
    return created(wrapMember(request.links, 'user', '/users', user));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, USER_FILTERS);
    const users = await this.identity.listUsers(hints, domainScope(request, this.conf));
    const { entities, truncated } = finishList(hints, users);
    return ok(wrapCollection(request.links, 'users', '/users', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const user = await this.identity.getUser(userId(request));
    return ok(wrapMember(request.links, 'user', '/users', user));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const changes = request.body['user'] as JsonObject;
    requireMatchingId(userId(request), changes);
    const user = await this.identity.updateUser(userId(request), changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'user', '/users', presentUpdatedUser(user)));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.identity.deleteUser(userId(request), initiatorOf(request));
    return noContent();
  };

  changePassword = async (request: ApiRequest): Promise<ApiResult> => {
    const { original_password: original, password } = request.body['user'] as JsonObject;
    if (typeof original !== 'string') {
      throw new ValidationError({ attribute: 'original_password', target: 'user' });
    }
    if (typeof password !== 'string') throw new ValidationError({ attribute: 'password', target: 'user' });
    await this.identity.changePassword(userId(request), original, password, initiatorOf(request));
    return noContent();
  };

  listGroups = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, USER_GROUPS_FILTERS);
    const groups = await this.identity.listGroupsForUser(userId(request), hints);
    const { entities, truncated } = finishList(hints, groups);
    return ok(wrapCollection(request.links, 'groups', '/groups', entities, truncated));
  };
}

export class GroupController {
  constructor(
    private readonly identity: IdentityManager,
    private readonly conf: Conf,
  ) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    group: await this.identity.getGroup(groupId(request)),
  });

  /** User and group, for routes on a membership. */
  membershipTarget = async (request: ApiRequest): Promise<TargetMembers> => ({
    user: await this.identity.getUser(userId(request)),
    group: await this.identity.getGroup(groupId(request)),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const attributes = withDomain(request, request.body['group'] as JsonObject, this.conf);
    const group = await this.identity.createGroup(attributes, initiatorOf(request));
    return created(wrapMember(request.links, 'group', '/groups', group));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, GROUP_FILTERS);
    const groups = await this.identity.listGroups(hints, domainScope(request, this.conf));
    const { entities, truncated } = finishList(hints, groups);
    return ok(wrapCollection(request.links, 'groups', '/groups', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const group = await this.identity.getGroup(groupId(request));
    return ok(wrapMember(request.links, 'group', '/groups', group));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const changes = request.body['group'] as JsonObject;
    requireMatchingId(groupId(request), changes);
    const group = await this.identity.updateGroup(groupId(request), changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'group', '/groups', group));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.identity.deleteGroup(groupId(request), initiatorOf(request));
    return noContent();
  };

  listUsers = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, USER_FILTERS);
    const users = await this.identity.listUsersInGroup(groupId(request), hints);
    const { entities, truncated } = finishList(hints, users);
    return ok(wrapCollection(request.links, 'users', '/users', entities, truncated));
  };

  checkUser = async (request: ApiRequest): Promise<ApiResult> => {
    await this.identity.checkUserInGroup(userId(request), groupId(request));
    return noContent();
  };

  addUser = async (request: ApiRequest): Promise<ApiResult> => {
    await this.identity.addUserToGroup(userId(request), groupId(request), initiatorOf(request));
    return noContent();
  };

  removeUser = async (request: ApiRequest): Promise<ApiResult> => {
    await this.identity.removeUserFromGroup(userId(request), groupId(request), initiatorOf(request));
    return noContent();
  };
}

/** The entity with the domain that it belongs to: its own, or the caller's. */
function withDomain(request: ApiRequest, entity: JsonObject, conf: Conf): JsonObject {
  return entity['domain_id'] === undefined || entity['domain_id'] === ''
    ? { ...entity, domain_id: domainOfRequest(request, conf) }
    : entity;
}

/**
 * The domain that a list is of, when drivers are chosen by domain: the query's, else that of the token's scope.
 * @throws Unauthorized when neither names one
 */
function domainScope(request: ApiRequest, conf: Conf): string | undefined {
  if (!conf.identity.domain_specific_drivers_enabled) return undefined;
  const token = request.context.auth?.token?.body;
  const domainId = request.query.get('domain_id') || token?.domain?.id || token?.project?.domain?.id;
  if (domainId === undefined) {
    throw new Unauthorized('No domain information specified as part of list request');
  }
  return domainId;
}
