/** HTTP ↔ manager for roles and role inference. */
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import { isRecord } from '../../common/record.js';
import type { RoleManager } from './manager.js';
import { presentInference } from './presenter.js';

export const ROLE_FILTERS = ['name', 'domain_id'] as const;

/** Global and domain-specific roles have policy targets of their own. */
type Choice = (
  global: `identity:${string}`,
  domain: `identity:${string}`,
) => (request: ApiRequest) => Promise<`identity:${string}`> | `identity:${string}`;

export class RoleController {
  constructor(private readonly roles: RoleManager) {}

  readonly byBody: Choice = (global, domain) => (request) =>
    (roleOf(request)['domain_id'] ?? null) === null ? global : domain;

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
    const role = await this.roles.createRole(roleOf(request), initiatorOf(request));
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
    const changes = roleOf(request);
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
      links: { self: request.links.v3(`/roles/${prior.id}/implies`) },
    });
  };

  getImplied = async (request: ApiRequest): Promise<ApiResult> => ok(await this.inference(request));

  checkImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const { prior_role_id: priorId, implied_role_id: impliedId } = request.params;
    await this.roles.getImpliedRole(priorId as string, impliedId as string);
    return noContent();
  };

  createImplied = async (request: ApiRequest): Promise<ApiResult> => {
    const { prior_role_id: priorId, implied_role_id: impliedId } = request.params;
    await this.roles.createImpliedRole(priorId as string, impliedId as string);
    return created(await this.inference(request));
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
    return ok({ role_inferences: inferences });
  };

  /** One rule. @throws ImpliedRoleNotFound, also when one of the roles does not exist */
  private async inference(request: ApiRequest): Promise<object> {
    const { prior_role_id: priorId, implied_role_id: impliedId } = request.params;
    const rule = await this.roles.getImpliedRole(priorId as string, impliedId as string);
    const prior = await this.roles.getRole(rule.prior_role_id);
    const implied = await this.roles.getRole(rule.implied_role_id);
    const { prior_role: priorRole, implies } = presentInference(request.links, prior, [implied]);
    return { role_inference: { prior_role: priorRole, implies: implies[0] } };
  }
}

/** The member `role` of the body, whose shape the schema checks after policy has been asked. */
function roleOf({ body }: ApiRequest): Readonly<Record<string, unknown>> {
  const { role } = body;
  return isRecord(role) ? role : {};
}
