/** HTTP ↔ manager for roles and role inference. */
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { RoleManager } from './manager.js';
import { presentInference } from './presenter.js';
import type { Role } from './types.js';

export const ROLE_FILTERS = ['name', 'domain_id'] as const;

/** Global and domain-specific roles have policy targets of their own: `pick('get')` chooses between the two. */
type Choice = (
  global: `identity:${string}`,
  domain: `identity:${string}`,
) => (request: ApiRequest) => Promise<`identity:${string}`> | `identity:${string}`;

export class RoleController {
  constructor(private readonly roles: RoleManager) {}

  readonly byBody: Choice = (global, domain) => (request) => {
    const role = request.body['role'];
    const domainId =
      role !== null && typeof role === 'object' && !Array.isArray(role) ? role['domain_id'] : null;
    return domainId === null || domainId === undefined ? global : domain;
  };

  readonly byQuery: Choice = (global, domain) => (request) =>
    (request.query.get('domain_id') ?? '') === '' ? global : domain;

  readonly byStoredRole: Choice = (global, domain) => async (request) => {
    const role = await this.roles.findRole(request.params['role_id'] as string);
    return role === null || role.domain_id === null ? global : domain;
  };

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    role: await this.roles.getRole(request.params['role_id'] as string),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const role = await this.roles.createRole(request.body['role'] as unknown as Role, initiatorOf(request));
    return created(wrapMember(request.links, 'role', '/roles', role));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    // Without a domain in the query only global roles are listed.
    const global = (request.query.get('domain_id') ?? '') === '';
    const hints = buildHints(request.query, global ? ['name'] : ROLE_FILTERS);
    if (global) hints.addFilter('domain_id', null);
    const { entities, truncated } = finishList(hints, await this.roles.listRoles(hints));
    return ok(wrapCollection(request.links, 'roles', '/roles', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const role = await this.roles.getRole(request.params['role_id'] as string);
    return ok(wrapMember(request.links, 'role', '/roles', role));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['role_id'] as string;
    const changes = request.body['role'] as unknown as Partial<Role>;
    requireMatchingId(id, changes);
    const role = await this.roles.updateRole(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'role', '/roles', role));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.roles.deleteRole(request.params['role_id'] as string, initiatorOf(request));
    return noContent();
  };

  listImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const prior = await this.roles.getRole(request.params['prior_role_id'] as string);
    const rules = await this.roles.listImpliedRoles(prior.id);
    const implied = await this.roles.listRolesFromIds(rules.map((rule) => rule.implied_role_id));
    return ok({
      role_inference: presentInference(request.links, prior, implied),
      links: { self: request.links.self },
    });
  };

  getImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const { prior, implied } = await this.inference(request);
    await this.roles.getImpliedRole(prior.id, implied.id);
    return ok(this.inferenceBody(request, prior, implied));
  };

  checkImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const { prior_role_id: priorId, implied_role_id: impliedId } = request.params;
    await this.roles.getImpliedRole(priorId as string, impliedId as string);
    return noContent();
  };

  createImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const { prior_role_id: priorId, implied_role_id: impliedId } = request.params;
    await this.roles.createImpliedRole(priorId as string, impliedId as string);
    const { prior, implied } = await this.inference(request);
    return created(this.inferenceBody(request, prior, implied));
  };

  deleteImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const { prior_role_id: priorId, implied_role_id: impliedId } = request.params;
    await this.roles.deleteImpliedRole(priorId as string, impliedId as string);
    return noContent();
  };

  listInferences = async (request: ApiRequest): Promise<ApiResult> => {
    const rules = await this.roles.listRoleInferenceRules();
    const ids = new Set(rules.flatMap((rule) => [rule.prior_role_id, rule.implied_role_id]));
    const roles = new Map((await this.roles.listRolesFromIds([...ids])).map((role) => [role.id, role]));
    const priorIds = [...new Set(rules.map((rule) => rule.prior_role_id))];
    const inferences = priorIds.flatMap((priorId) => {
      const prior = roles.get(priorId);
      if (prior === undefined) return [];
      const implied = rules
        .filter((rule) => rule.prior_role_id === priorId)
        .flatMap((rule) => roles.get(rule.implied_role_id) ?? []);
      return [presentInference(request.links, prior, implied)];
    });
    return ok({ role_inferences: inferences, links: { self: request.links.self } });
  };

  private async inference(request: ApiRequest): Promise<{ prior: Role; implied: Role }> {
    const prior = await this.roles.getRole(request.params['prior_role_id'] as string);
    const implied = await this.roles.getRole(request.params['implied_role_id'] as string);
    return { prior, implied };
  }

  private inferenceBody(request: ApiRequest, prior: Role, implied: Role): object {
    const { prior_role: priorRole, implies } = presentInference(request.links, prior, [implied]);
    return {
      role_inference: { prior_role: priorRole, implies: implies[0] },
      links: { self: request.links.self },
    };
  }
}
