/**
 * What API v2.0 sees: the default domain. Entities of other domains do not exist there, also for who knows their ids.
 */
import { ProjectNotFound, RoleNotFound, UserNotFound } from '../common/errors.js';
import type { User } from './identity/types.js';
import type { Project } from './resource/types.js';
import type { Role } from './role/types.js';
import type { V2Context } from './v2.js';

/** @throws UserNotFound */
export async function userInV2({ conf, providers }: V2Context, id: string): Promise<User> {
  const user = await providers.identity.getUser(id);
  if (user.domain_id !== conf.identity.default_domain_id) throw new UserNotFound({ user_id: id });
  return user;
}

/** For calls that may name users who are gone. @throws UserNotFound for a user of another domain */
export async function assertNotElsewhere({ conf, providers }: V2Context, userId: string): Promise<void> {
  const user = (await providers.identity.usersByIds([userId])).get(userId);
  if (user !== undefined && user.domain_id !== conf.identity.default_domain_id) {
    throw new UserNotFound({ user_id: userId });
  }
}

/** @throws ProjectNotFound also for a project that acts as a domain */
export async function tenantInV2({ conf, providers }: V2Context, id: string): Promise<Project> {
  const project = await providers.resource.getProject(id);
  if (project.is_domain || project.domain_id !== conf.identity.default_domain_id) {
    throw new ProjectNotFound({ project_id: id });
  }
  return project;
}

/** @throws RoleNotFound also for a role of a domain */
export async function roleInV2({ providers }: V2Context, id: string): Promise<Role> {
  const role = await providers.role.getRole(id);
  if (role.domain_id !== null) throw new RoleNotFound({ role_id: id });
  return role;
}
