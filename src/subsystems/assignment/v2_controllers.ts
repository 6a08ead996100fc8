/** HTTP ↔ managers for roles of users on tenants of API v2.0. */
import type { JsonObject } from '../../common/context.js';
import {
  Conflict,
  NotFound,
  NotImplemented,
  RoleAssignmentNotFound,
  ValidationError,
} from '../../common/errors.js';
import { Hints } from '../../common/hints.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import { presentUserV2 } from '../identity/v2_presenter.js';
import type { Role } from '../role/types.js';
import type { V2Context } from '../v2.js';
import { assertNotElsewhere, roleInV2, tenantInV2, userInV2 } from '../v2_entities.js';
import type { Grant } from './types.js';

const ALL = {
  roleId: null,
  userId: null,
  groupId: null,
  projectId: null,
  domainId: null,
  inherited: null,
  effective: true,
  includeNames: false,
  includeSubtree: false,
} as const;

export class V2RoleAssignmentController {
  constructor(private readonly context: V2Context) {}

  /** Users who have any role in effect on a tenant. */
  listUsers = async (request: ApiRequest): Promise<ApiResult> => {
    const { conf, providers } = this.context;
    const { id: projectId } = await tenantInV2(this.context, request.params['tenant_id'] as string);
    const { assignments } = await providers.assignment.listRoleAssignments({ ...ALL, projectId });
    const ids = new Set(assignments.flatMap(({ userId }) => userId ?? []));
    const users = await providers.identity.listUsersFromIds([...ids]);
    const shown = users.filter(({ domain_id: domainId }) => domainId === conf.identity.default_domain_id);
    return ok({ users: shown.map(presentUserV2) });
  };

  listRoles = async (request: ApiRequest): Promise<ApiResult> => {
    const { assignment, role } = this.context.providers;
    const { user_id: userId, tenant_id: projectId } = request.params as {
      user_id: string;
      tenant_id: string;
    };
    await tenantInV2(this.context, projectId);
    await userInV2(this.context, userId);
    const roles = await assignment.effectiveRoles(userId, { projectId }, []);
    return ok({ roles: await role.listRolesFromIds(roles.map(({ id }) => id)) });
  };

  addRole = async (request: ApiRequest): Promise<ApiResult> => {
    const { user_id: userId, tenant_id: projectId, role_id: roleId } = request.params as Params;
    return ok({ role: await this.grant(grantOf(userId, projectId, roleId), request) });
  };

  removeRole = async (request: ApiRequest): Promise<ApiResult> => {
    const { user_id: userId, tenant_id: projectId, role_id: roleId } = request.params as Params;
    await this.revoke(grantOf(userId, projectId, roleId), request);
    return noContent();
  };

  /** Roles without a tenant were never made. */
  withoutTenant = (): never => {
    throw new NotImplemented('User roles not supported: tenant_id required');
  };

  /** What the user may do on which tenant, as one list. Ids hold what they stand for. */
  listRefs = async (request: ApiRequest): Promise<ApiResult> => {
    const { conf, providers } = this.context;
    const userId = request.params['user_id'] as string;
    await userInV2(this.context, userId);
    const projects = await providers.assignment.listProjectsForUser(userId, new Hints());
    const tenants = new Set(
      projects
        .filter((project) => project.domain_id === conf.identity.default_domain_id)
        .map((project) => project.id),
    );
    if (tenants.size === 0) return ok({ roles: [] });
    const { assignments } = await providers.assignment.listRoleAssignments({ ...ALL, userId });
    const refs = new Map<string, object>();
    for (const { roleId, projectId } of assignments) {
      if (projectId === null || !tenants.has(projectId)) continue;
      const ref = { roleId, tenantId: projectId, userId };
      const id = new URLSearchParams(ref).toString();
      refs.set(id, { ...ref, id });
    }
    return ok({ roles: [...refs.values()] });
  };

  createRef = async (request: ApiRequest): Promise<ApiResult> => {
    const { tenantId, roleId } = request.body['role'] as JsonObject;
    if (typeof tenantId !== 'string') throw new ValidationError({ attribute: 'tenantId', target: 'role' });
    if (typeof roleId !== 'string') throw new ValidationError({ attribute: 'roleId', target: 'role' });
    const userId = request.params['user_id'] as string;
    return ok({ role: await this.grant(grantOf(userId, tenantId, roleId), request) });
  };

  deleteRef = async (request: ApiRequest): Promise<ApiResult> => {
    const { user_id: userId, role_ref_id: refId } = request.params as Record<
      'user_id' | 'role_ref_id',
      string
    >;
    const ref = new URLSearchParams(refId);
    const [tenantId, roleId] = [ref.get('tenantId'), ref.get('roleId')];
    if (tenantId === null || roleId === null || (ref.get('userId') ?? userId) !== userId) {
      throw new NotFound({ target: refId });
    }
    await this.revoke(grantOf(userId, tenantId, roleId), request);
    return noContent();
  };

  /** @throws Conflict when the user has been granted the role; UserNotFound, ProjectNotFound, RoleNotFound */
  private async grant(grant: UserGrant, request: ApiRequest): Promise<Role> {
    const { providers, transaction } = this.context;
    await userInV2(this.context, grant.userId);
    await tenantInV2(this.context, grant.projectId);
    const role = await roleInV2(this.context, grant.roleId);
    return transaction(async () => {
      if (await this.isGranted(grant)) {
        const { userId, roleId, projectId } = grant;
        const details = `User ${userId} already has role ${roleId} in tenant ${projectId}`;
        throw new Conflict({ type: 'role grant', details });
      }
      await providers.assignment.createGrant(grant, initiatorOf(request));
      return role;
    });
  }

  /** The user may be gone. @throws RoleAssignmentNotFound, UserNotFound, ProjectNotFound, RoleNotFound */
  private async revoke(grant: UserGrant, request: ApiRequest): Promise<void> {
    await assertNotElsewhere(this.context, grant.userId);
    await tenantInV2(this.context, grant.projectId);
    await this.context.providers.assignment.deleteGrant(grant, initiatorOf(request));
  }

  private async isGranted(grant: Grant): Promise<boolean> {
    try {
      await this.context.providers.assignment.checkGrant(grant);
      return true;
    } catch (error) {
      if (error instanceof RoleAssignmentNotFound) return false;
      throw error;
    }
  }
}

type Params = Readonly<Record<'user_id' | 'tenant_id' | 'role_id', string>>;

type UserGrant = Grant & Readonly<Record<'userId' | 'projectId', string>>;

function grantOf(userId: string, projectId: string, roleId: string): UserGrant {
  return { roleId, userId, groupId: null, projectId, domainId: null, inherited: false };
}
