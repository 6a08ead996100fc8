/** From what a client sends to what is stored: names, flags, domains and default projects, checked and filled in. */
import { uuidHex } from '../../common/crypto/random_ids.js';
import { ValidationError } from '../../common/errors.js';
import type { ManagerContext } from '../subsystem.js';
import { groupName, userEnabled, userName } from './rules.js';
import type { Attributes, Group, GroupChanges, NewUser, UserChanges } from './types.js';

export class EntityAttributes {
  constructor(private readonly context: ManagerContext) {}

  /** @throws ValidationError, DomainNotFound */
  async newUser(own: Attributes): Promise<NewUser> {
    return {
      ...own,
      id: uuidHex(),
      name: userName(own['name']),
      enabled: own['enabled'] === undefined ? true : userEnabled(own['enabled']),
      domain_id: await this.domain(own['domain_id']),
      default_project_id: await this.defaultProject(own['default_project_id']),
    };
  }

  /** @throws ValidationError, DomainNotFound */
  async userChanges(original: { readonly domain_id: string }, own: Attributes): Promise<UserChanges> {
    return {
      ...(own as UserChanges),
      ...('name' in own && { name: userName(own['name']) }),
      ...('enabled' in own && { enabled: userEnabled(own['enabled']) }),
      ...('domain_id' in own && {
        domain_id: await this.changedDomain(original.domain_id, own['domain_id']),
      }),
      ...('default_project_id' in own && {
        default_project_id: await this.defaultProject(own['default_project_id']),
      }),
    };
  }

  /** @throws ValidationError, DomainNotFound */
  async newGroup(own: Attributes): Promise<Group> {
    const { description } = own;
    return {
      ...own,
      id: uuidHex(),
      name: groupName(own['name']),
      description: typeof description === 'string' || description === null ? description : '',
      domain_id: await this.domain(own['domain_id']),
    };
  }

  /** @throws ValidationError, DomainNotFound */
  async groupChanges(original: { readonly domain_id: string }, own: Attributes): Promise<GroupChanges> {
    return {
      ...(own as GroupChanges),
      ...('name' in own && { name: groupName(own['name']) }),
      ...('domain_id' in own && {
        domain_id: await this.changedDomain(original.domain_id, own['domain_id']),
      }),
    };
  }

  private async domain(domainId: unknown): Promise<string> {
    return (await this.context.providers.resource.getDomain(String(domainId))).id;
  }

  private async changedDomain(original: string, domainId: unknown): Promise<string> {
    if (domainId === original) return original;
    if (this.context.conf.DEFAULT.domain_id_immutable) throw new ValidationError('Cannot change Domain ID');
    return this.domain(domainId);
  }

  /** A default project may be one that does not exist (any more), but not a domain. */
  private async defaultProject(projectId: unknown): Promise<string | null> {
    if (typeof projectId !== 'string' || projectId === '') return null;
    const project = await this.context.providers.resource.projectForToken(projectId);
    if (project?.is_domain === true) {
      throw new ValidationError(`User's default project ID cannot be a domain ID: ${projectId}`);
    }
    return projectId;
  }
}
