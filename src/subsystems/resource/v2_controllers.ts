/** HTTP ↔ managers for tenants of API v2.0: the projects of the default domain. */
import type { JsonObject } from '../../common/context.js';
import { Unauthorized } from '../../common/errors.js';
import { Hints } from '../../common/hints.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { normalizeKeys } from '../../common/http/v2_body.js';
import { pageOf } from '../../common/http/v2_paging.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { V2Context } from '../v2.js';
import { tenantInV2 } from '../v2_entities.js';
import { presentUpdatedProject } from './presenter.js';
import type { Project } from './types.js';
import { presentTenant } from './v2_presenter.js';

export class TenantController {
  constructor(private readonly context: V2Context) {}

  /** The tenants on which the caller has a role, whatever the scope of the token. */
  listOwn = async (request: ApiRequest): Promise<ApiResult> => {
    const { conf, providers } = this.context;
    const userId = request.context.auth?.userId ?? null;
    if (userId === null) throw new Unauthorized('The tenants of a user need a token of the user');
    const projects = await providers.assignment.listProjectsForUser(userId, new Hints());
    const tenants = projects.filter((project) => project.domain_id === conf.identity.default_domain_id);
    return page(tenants, request);
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const { conf, providers } = this.context;
    const { default_domain_id: domainId } = conf.identity;
    const name = request.query.get('name') ?? '';
    if (name === '') return page(await providers.resource.listProjectsInDomain(domainId), request);
    return one(await providers.resource.getProjectByName(name, domainId));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => one(await this.tenant(request));

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const { conf, providers } = this.context;
    const { id, ...attributes } = normalizeKeys(request.body['tenant'] as JsonObject);
    const tenant = { ...attributes, domain_id: conf.identity.default_domain_id };
    await providers.resource.ensureDefaultDomain();
    return one(
      await providers.resource.createProject(
        tenant,
        initiatorOf(request),
        typeof id === 'string' ? id : undefined,
      ),
    );
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const { id } = await this.tenant(request);
    const changes = request.body['tenant'] as JsonObject;
    requireMatchingId(id, changes);
    const { resource } = this.context.providers;
    const updated = await resource.updateProject(id, changes, initiatorOf(request));
    return one(presentUpdatedProject(updated));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { id } = await this.tenant(request);
    await this.context.providers.resource.deleteProject(id, initiatorOf(request));
    return noContent();
  };

  private tenant(request: ApiRequest): Promise<Project> {
    return tenantInV2(this.context, request.params['tenant_id'] as string);
  }
}

function one(project: Project): ApiResult {
  return ok({ tenant: presentTenant(project) });
}

function page(projects: readonly Project[], request: ApiRequest): ApiResult {
  return ok({ tenants: pageOf(projects, request.query).map(presentTenant), tenants_links: [] });
}
