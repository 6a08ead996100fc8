/** The policy decision of a route. Fails closed: no token, an unknown rule or a missing target denies. */
import type { JsonObject, PolicyAuthority, RequestContext } from '../context.js';
import { ForbiddenAction, NotFound, TokenNotFound, Unauthorized } from '../errors.js';
import type { Logger } from '../log/index.js';
import { isPromise, type MaybePromise } from '../maybe_promise.js';
import { buildTarget, type Credentials, renderTrace, type Target } from '../policy/index.js';
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
  return decide('admin_required', buildTarget({}), caller, context, deps);
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
  const decideWith = (members: TargetMembers): MaybePromise<void> => {
    const isFilter = access.kind === 'filter';
    const target = buildTarget({
      path: request.params,
      query: isFilter ? filterValues(access.filters, request) : NO_MEMBERS,
      body: isFilter ? NO_MEMBERS : request.body,
      member: members,
    });
    return decide(rule, target, request.context.auth?.credentials ?? NO_MEMBERS, request.context, deps);
  };
  /** Whether the entity exists is told only to callers whom policy lets through without its attributes. */
  const decideWithout = async (error: unknown): Promise<void> => {
    // Of a token it may be told: who names one has it.
    if (!(error instanceof NotFound) || error instanceof TokenNotFound) throw error;
    await decideWith(NO_MEMBERS);
    throw error;
  };
  let members: MaybePromise<TargetMembers>;
  try {
    members = access.members?.(request) ?? NO_MEMBERS;
  } catch (error) {
    return decideWithout(error);
  }
  return isPromise(members) ? members.then(decideWith, decideWithout) : decideWith(members);
}

function decide(
  rule: string,
  target: Target,
  credentials: Credentials,
  context: RequestContext,
  deps: Authorization,
): MaybePromise<void> {
  const policy = (context.policy ?? deps.policy).current();
  const settle = (allowed: boolean): MaybePromise<void> => {
    if (allowed) {
      context.decision = 'granted';
      return;
    }
    context.decision = 'denied';
    if (!deps.log.isDebugEnabled()) throw new ForbiddenAction({ action: rule });
    return policy.explain(rule, target, credentials).then((trace) => {
      deps.log.debug(`RBAC: ${rule} denied\n${renderTrace(trace)}`);
      throw new ForbiddenAction({ action: rule });
    });
  };
  const answer = policy.allows(rule, target, credentials);
  return isPromise(answer) ? answer.then(settle) : settle(answer);
}

function filterValues(filters: readonly string[], request: ApiRequest): JsonObject {
  const values: JsonObject = {};
  for (const name of filters) {
    const value = request.query.get(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
