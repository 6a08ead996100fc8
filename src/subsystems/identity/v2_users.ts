/**
 * Users as API v2.0 makes them: who gets a tenant gets the member role on it, and who changes the tenant loses that role
 * on the old one. Source: Identity API v2.0, OS-KSADM; `[DEFAULT] member_role_id` and `member_role_name`.
 */

import type { JsonObject } from '../../common/context.js';
import { RoleAssignmentNotFound, RoleNotFound } from '../../common/errors.js';
import { normalizeKeys } from '../../common/http/v2_body.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { V2Context } from '../v2.js';
import { tenantInV2, userInV2 } from '../v2_entities.js';
import type { User } from './types.js';

export class V2Users {
  constructor(private readonly context: V2Context) {}

  /** @throws ProjectNotFound (tenant), and as IdentityManager.createUser does */
  async create(body: JsonObject, initiator: Initiator | null): Promise<User> {
    const { conf, providers, transaction } = this.context;
    const { tenantId, attributes } = read(body);
    if (tenantId !== null) await tenantInV2(this.context, tenantId);
    return transaction(async () => {
      await providers.resource.ensureDefaultDomain();
      const domainId = conf.identity.default_domain_id;
      const user = await providers.identity.createUser({ ...attributes, domain_id: domainId }, initiator);
      if (tenantId !== null) await this.join(user.id, tenantId, initiator);
      return user;
    });
  }

  /** @throws ProjectNotFound (tenant), and as IdentityManager.updateUser does */
  async update(id: string, body: JsonObject, initiator: Initiator | null): Promise<User> {
    const { providers, transaction } = this.context;
    const { tenantId, attributes } = read(body);
    const { default_project_id: old = null } = await userInV2(this.context, id);
    const moves = tenantId !== null && tenantId !== old;
    if (moves) await tenantInV2(this.context, tenantId);
    return transaction(async () => {
      const user = await providers.identity.updateUser(id, attributes, initiator);
      if (moves && old !== null) await this.leave(id, old, initiator);
      if (moves) await this.join(id, tenantId, initiator);
      return user;
    });
  }

  private async join(userId: string, projectId: string, initiator: Initiator | null): Promise<void> {
    const { conf, providers } = this.context;
    if ((await providers.role.findRole(conf.DEFAULT.member_role_id)) === null) {
      await providers.role.createRole({ name: conf.DEFAULT.member_role_name, domain_id: null }, initiator);
    }
    await providers.assignment.createGrant(this.membership(userId, projectId), initiator);
  }

  /** The role may have been taken away before, and the tenant may be gone. */
  private async leave(userId: string, projectId: string, initiator: Initiator | null): Promise<void> {
    const { assignment, resource } = this.context.providers;
    const membership = this.membership(userId, projectId);
    if ((await resource.projectForToken(projectId)) === null) return;
    try {
      await assignment.checkGrant(membership);
    } catch (error) {
      if (error instanceof RoleAssignmentNotFound || error instanceof RoleNotFound) return;
      throw error;
    }
    await assignment.deleteGrant(membership, initiator);
  }

  private membership(
    userId: string,
    projectId: string,
  ): { roleId: string; userId: string; groupId: null; projectId: string; domainId: null; inherited: false } {
    const roleId = this.context.conf.DEFAULT.member_role_id;
    return { roleId, userId, groupId: null, projectId, domainId: null, inherited: false };
  }
}

/** v2.0 has names of its own for three attributes; a tenant that is null is none. */
function read(body: JsonObject): { tenantId: string | null; attributes: JsonObject } {
  const { 'OS-KSADM:password': password, tenantId: tenant, ...rest } = body;
  const { username, ...named } = normalizeKeys(rest);
  const tenantId = typeof tenant === 'string' ? tenant : null;
  const attributes = {
    ...named,
    ...(username !== undefined && (named['name'] === undefined ? { name: username } : { username })),
    ...(password !== undefined && { password }),
    ...(tenantId !== null && { default_project_id: tenantId }),
  };
  return { tenantId, attributes };
}
