/** The policy decision of a route. Fails closed: no token, an unknown rule or a missing target denies. */
import type { JsonObject, PolicyAuthority, RequestContext } from '../context.js';
import { ForbiddenAction, NotFound, TokenNotFound, Unauthorized } from '../errors.js';
import type { Logger } from '../log/index.js';
import { isPromise, type MaybePromise } from '../maybe_promise.js';
import { buildTarget, type Credentials, type Policy, renderTrace, type Target } from '../policy/index.js';
import type { Access, ApiRequest, TargetMembers } from './types.js';

export interface Authorization {
  /** Policy in force when no `rbac` filter of the pipeline gives another. */
  readonly policy: PolicyAuthority;
  readonly log: Logger;
}

/**
 * Decide whether the caller may use the route, and record the decision in the request context. Nothing is waited for
 * unless members or rules ask elsewhere.
 * @throws Unauthorized without a valid token, ForbiddenAction when policy denies, and NotFound when the target entity
 *   does not exist and the caller may know that; at once or as a rejection
 */
export function authorize(access: Access, request: ApiRequest, deps: Authorization): MaybePromise<void> {
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
  return access.kind === 'v2_admin' ? enforceAdmin(request, deps) : enforce(access, request, deps);
}

/** Rules see of the caller what those of API v2.0 were written for, and there is no target. */
function enforceAdmin({ context }: ApiRequest, deps: Authorization): MaybePromise<void> {
  const { projectId, userId, credentials } = context.auth ?? NOBODY;
  if (projectId === null) {
    context.decision = 'denied';
    throw new Unauthorized('API v2.0 needs a token that is scoped to a project');
  }
  const { roles } = credentials;
  const caller = { user_id: userId, tenant_id: projectId, ...(roles !== undefined && { roles }) };
  return decide('admin_required', buildTarget({}), context, deps, caller);
}

const NOBODY = { projectId: null, userId: null, credentials: {} as Credentials };
const NO_MEMBERS: TargetMembers = Object.freeze({});

type Enforced = Extract<Access, { kind: 'protected' | 'filter' }>;

function enforce(access: Enforced, request: ApiRequest, deps: Authorization): MaybePromise<void> {
  const { target } = access;
  const rule = typeof target === 'string' ? target : target.choose(request);
  if (isPromise(rule)) return rule.then((chosen) => enforceRule(chosen, access, request, deps));
  return enforceRule(rule, access, request, deps);
}

function enforceRule(
  rule: string,
  access: Enforced,
  request: ApiRequest,
  deps: Authorization,
): MaybePromise<void> {
  let members: MaybePromise<TargetMembers>;
  try {
    members = access.members?.(request) ?? NO_MEMBERS;
  } catch (error) {
    return decideWithout(error, rule, access, request, deps);
  }
  if (!isPromise(members)) return decide(rule, targetOf(access, request, members), request.context, deps);
  return members.then(
    (loaded) => decide(rule, targetOf(access, request, loaded), request.context, deps),
    (error: unknown) => decideWithout(error, rule, access, request, deps),
  );
}

/** Whether the entity exists is told only to callers whom policy lets through without its attributes. */
async function decideWithout(
  error: unknown,
  rule: string,
  access: Enforced,
  request: ApiRequest,
  deps: Authorization,
): Promise<void> {
  // Of a token it may be told: who names one has it.
  if (error instanceof NotFound && !(error instanceof TokenNotFound)) {
    await decide(rule, targetOf(access, request, NO_MEMBERS), request.context, deps);
  }
  throw error;
}

function targetOf(access: Enforced, request: ApiRequest, member: TargetMembers): Target {
  const path = request.params;
  return access.kind === 'filter'
    ? buildTarget({ path, query: filterValues(access.filters, request), member })
    : buildTarget({ path, body: request.body, member });
}

function decide(
  rule: string,
  target: Target,
  context: RequestContext,
  deps: Authorization,
  credentials = context.auth?.credentials ?? NO_MEMBERS,
): MaybePromise<void> {
  const policy = (context.policy ?? deps.policy).current();
  const answer = policy.allows(rule, target, credentials);
  if (isPromise(answer)) {
    return answer.then((allowed) =>
      allowed ? grant(context) : deny(policy, rule, target, credentials, context, deps),
    );
  }
  return answer ? grant(context) : deny(policy, rule, target, credentials, context, deps);
}

function grant(context: RequestContext): void {
  context.decision = 'granted';
}

async function deny(
  policy: Policy,
  rule: string,
  target: Target,
  credentials: Credentials,
  context: RequestContext,
  { log }: Authorization,
): Promise<never> {
  context.decision = 'denied';
  if (log.isDebugEnabled()) {
    log.debug(`RBAC: ${rule} denied\n${renderTrace(await policy.explain(rule, target, credentials))}`);
  }
  throw new ForbiddenAction({ action: rule });
}

function filterValues(filters: readonly string[], request: ApiRequest): JsonObject {
  const values: JsonObject = {};
  for (const name of filters) {
    const value = request.query.get(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
