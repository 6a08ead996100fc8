/** OAuth 1.0a: the rules of the business. Source: Identity API v3, OS-OAUTH1; Keystone 10.0.3 behaviour. */
import { NotFound, Unauthorized } from '../../common/errors.js';
import type { NamedRef } from '../../common/token_model.js';
import type { ManagerContext } from '../subsystem.js';
import type { Oauth1Driver } from './driver.js';
import type { AccessToken } from './types.js';

export class Oauth1Manager {
  constructor(
    private readonly driver: Oauth1Driver,
    private readonly context: ManagerContext,
  ) {}

  /** @throws NotFound */
  async getAccessToken(id: string): Promise<AccessToken> {
    const token = await this.driver.getAccessToken(id);
    if (token === null) throw new NotFound('Access token not found');
    return token;
  }

  /**
   * The authorised roles that the authorising user still holds on the project.
   * @throws Unauthorized when one of them is gone
   */
  async rolesOfAccessToken(id: string): Promise<readonly NamedRef[]> {
    const {
      authorizing_user_id: userId,
      project_id: projectId,
      role_ids: roleIds,
    } = await this.getAccessToken(id);
    const held = await this.context.providers.assignment.effectiveRoles(userId, { projectId }, []);
    const roles = held.filter((role) => roleIds.includes(role.id));
    if (roles.length < roleIds.length) throw new Unauthorized('The user no longer holds an authorised role');
    return roles;
  }
}
