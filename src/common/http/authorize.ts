/** The policy decision of a route. Fails closed: no token, an unknown rule or a missing target denies. */
import type { JsonObject, PolicyAuthority, RequestContext } from '../context.js';
import { ForbiddenAction, NotFound, TokenNotFound, Unauthorized } from '../errors.js';
import type { Logger } from '../log/index.js';
import { buildTarget, type Credentials, renderTrace, type Target } from '../policy/index.js';
import type { Access, ApiRequest, PolicyTarget, TargetMembers } from './types.js';

export interface Authorization {
  /** Policy in force when no `rbac` filter of the pipeline gives another. */
  readonly policy: PolicyAuthority;
  readonly log: Logger;
}

/**
 * Decide whether the caller may use the route, and record the decision in the request context.
 * @throws Unauthorized without a valid token, ForbiddenAction when policy denies, and NotFound when the target entity
 *   does not exist and the caller may know that
 */
export async function authorize(access: Access, request: ApiRequest, deps: Authorization): Promise<void> {
  const { context } = request;
  if (access.kind === 'public') {
    context.decision = 'public';
    return;
  }
  if (context.auth === null && !context.isAdmin) {
    context.decision = 'denied';
    throw new Unauthorized('The route needs a valid token');
  }
  if (access.kind === 'authenticated') {
    context.decision = 'granted';
    return;
  }
  if (context.isAdmin) {
    context.decision = 'bypassed';
    deps.log.warn(`RBAC: bypassing authorization of ${context.route ?? ''} for the admin token`);
    return;
  }
  if (access.kind === 'v2_admin') await enforceAdmin(request, deps);
  else await enforce(access, request, deps);
}

/** Rules see of the caller what those of API v2.0 were written for, and there is no target. */
async function enforceAdmin({ context }: ApiRequest, deps: Authorization): Promise<void> {
  const { projectId, userId, credentials } = context.auth ?? NOBODY;
  if (projectId === null) {
    context.decision = 'denied';
    throw new Unauthorized('API v2.0 needs a token that is scoped to a project');
  }
  const { roles } = credentials;
  const caller = { user_id: userId, tenant_id: projectId, ...(roles !== undefined && { roles }) };
  await decide('admin_required', buildTarget({}), caller, context, deps);
}

const NOBODY = { projectId: null, userId: null, credentials: {} as Credentials };

async function enforce(
  access: Extract<Access, { kind: 'protected' | 'filter' }>,
  request: ApiRequest,
  deps: Authorization,
): Promise<void> {
  const { context } = request;
  const rule = await targetName(access.target, request);
  let missing: unknown;
  let members: TargetMembers = {};
  try {
    members = (await access.members?.(request)) ?? {};
  } catch (error) {
    // Whether the entity exists is told only to callers whom policy lets through without its attributes. Of a token
    // it may be told: who names one has it.
    if (!(error instanceof NotFound) || error instanceof TokenNotFound) throw error;
    missing = error;
  }
  const target = buildTarget({
    path: request.params,
    query: access.kind === 'filter' ? filterValues(access.filters, request) : {},
    body: access.kind === 'filter' ? {} : request.body,
    member: members,
  });
  await decide(rule, target, context.auth?.credentials ?? {}, context, deps);
  if (missing !== undefined) throw missing;
}

async function decide(
  rule: string,
  target: Target,
  credentials: Credentials,
  context: RequestContext,
  deps: Authorization,
): Promise<void> {
  const policy = (context.policy ?? deps.policy).current();
  const answer = policy.allows(rule, target, credentials);
  const allowed = typeof answer === 'boolean' ? answer : await answer;
  if (!allowed) {
    context.decision = 'denied';
    if (deps.log.isDebugEnabled()) {
      deps.log.debug(`RBAC: ${rule} denied\n${renderTrace(await policy.explain(rule, target, credentials))}`);
    }
    throw new ForbiddenAction({ action: rule });
  }
  context.decision = 'granted';
}

function targetName(target: PolicyTarget, request: ApiRequest): Promise<string> | string {
  return typeof target === 'string' ? target : target.choose(request);
}

function filterValues(filters: readonly string[], request: ApiRequest): JsonObject {
  const values: JsonObject = {};
  for (const name of filters) {
    const value = request.query.get(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
