/** Resolving the scope that a request asks for. */
import { isText, lookUpDomain } from '../../auth/user_lookup.js';
import type { JsonObject } from '../../common/context.js';
import { Forbidden, NotFound, Unauthorized, ValidationError } from '../../common/errors.js';
import { FreshCache } from '../../common/fresh_cache.js';
import { isUrlSafe } from '../../common/url_safe.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import type { ManagerContext } from '../subsystem.js';
import type { ResolvedScope, ScopeRequest } from './types.js';

const NO_SCOPE: ResolvedScope = { projectId: null, domainId: null, trustId: null };

/** Bytes, about, of all named scopes that are kept, and of one beside what names it. */
const MEMORY = 2 ** 20;
const SCOPE_SIZE = 300;

export class Scoping {
  private readonly conf: Conf;
  private readonly providers: Providers;
  /** What the words of requests mean: names are looked up again only when something has changed. */
  private readonly named: FreshCache<ResolvedScope>;

  constructor({ conf, providers, stateOfData }: Pick<ManagerContext, 'conf' | 'providers' | 'stateOfData'>) {
    this.conf = conf;
    this.providers = providers;
    this.named = new FreshCache<ResolvedScope>(stateOfData, {
      maxSize: MEMORY,
      sizeOf: (_scope, words) => SCOPE_SIZE + 2 * words.length,
    });
  }

  /** @throws Unauthorized when the scope does not exist or is disabled, ValidationError when it names nothing */
  async resolve(scope: ScopeRequest): Promise<ResolvedScope> {
    switch (scope.kind) {
      case 'project':
        return this.kept(scope, async () => ({ projectId: await this.project(scope.project) }));
      case 'domain':
        return this.kept(scope, async () => ({ domainId: await this.domain(scope.domain) }));
      case 'trust':
        return this.trust(scope.trustId);
      default:
        return NO_SCOPE;
    }
  }

  private async kept(
    scope: ScopeRequest,
    read: () => Promise<Partial<ResolvedScope>>,
  ): Promise<ResolvedScope> {
    return this.named.get(JSON.stringify(scope), async () => ({ ...NO_SCOPE, ...(await read()) }));
  }

  /** The user's default project, when it is usable by the user; else no scope. */
  async defaultProject(userId: string): Promise<ResolvedScope> {
    const { identity, resource, assignment } = this.providers;
    const user = await found(() => identity.getUser(userId));
    const projectId = user.default_project_id;
    if (typeof projectId !== 'string' || projectId === '') return NO_SCOPE;
    const project = await resource.projectForToken(projectId);
    // A project that acts as a domain is not taken without being asked for.
    if (project === null || !project.enabled || project.domain?.enabled !== true) return NO_SCOPE;
    const roles = await assignment.effectiveRoles(userId, { projectId }, []);
    return roles.length === 0 ? NO_SCOPE : { ...NO_SCOPE, projectId };
  }

  private async project(project: JsonObject): Promise<string> {
    const { id, name, domain } = project;
    if (!isText(id) && !isText(name))
      throw new ValidationError({ attribute: 'id or name', target: 'project' });
    if (!isText(name)) return this.enabledProject(id as string);
    if (this.conf.resource.project_name_url_safe === 'strict' && !isUrlSafe(name)) {
      throw new Unauthorized('Project name cannot contain reserved characters.');
    }
    if (domain === undefined) throw new ValidationError({ attribute: 'domain', target: 'project' });
    const domainId = await this.domain(domain as JsonObject);
    const named = await found(() => this.providers.resource.getProjectByName(name, domainId));
    // The domain is enabled, or it would not have been found.
    if (!named.enabled) throw new Unauthorized(`Project ${named.id} does not exist or is disabled`);
    return named.id;
  }

  private async enabledProject(id: string): Promise<string> {
    const project = await this.providers.resource.projectForToken(id);
    if (project === null || !project.enabled || project.domain?.enabled === false) {
      throw new Unauthorized(`Project ${id} does not exist or is disabled`);
    }
    return id;
  }

  private async domain(domain: JsonObject): Promise<string> {
    if (
      isText(domain['name']) &&
      this.conf.resource.domain_name_url_safe === 'strict' &&
      !isUrlSafe(domain['name'])
    ) {
      throw new Unauthorized('Domain name cannot contain reserved characters.');
    }
    const resolved = await lookUpDomain(domain, this.providers);
    if (resolved === null) throw new Unauthorized('Domain does not exist or is disabled');
    return resolved.id;
  }

  private async trust(trustId: string): Promise<ResolvedScope> {
    if (!this.conf.trust.enabled) throw new Forbidden('Trusts are disabled.');
    const trust = await found(() => this.providers.trust.getTrust(trustId));
    const projectId = trust.project_id === null ? null : await this.enabledProject(trust.project_id);
    return { projectId, domainId: null, trustId };
  }
}

async function found<T>(find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof NotFound) throw new Unauthorized(error.message, { cause: error });
    throw error;
  }
}
