/**
 * What the filters learn about a request and the applications use: one object per request, under
 * `ctx.state.keystone`. Nothing in it comes from the client unchecked.
 */
import type { ParameterizedContext } from 'koa';
import type { Credentials, Policy } from './policy/index.js';
import type { TokenModel } from './token_model.js';

/** The caller, as proven by a valid token (or by a client certificate). Built by `build_auth_context`. */
export interface AuthContext {
  /** The validated token; null for tokenless (X.509) callers. */
  readonly token: TokenModel | null;
  /** What policy rules see of the caller; keys as in Keystone's auth context. */
  readonly credentials: Credentials;
  readonly userId: string | null;
  readonly projectId: string | null;
  readonly domainId: string | null;
  /** Whether the token was obtained through a trust or OAuth 1.0a. */
  readonly isDelegated: boolean;
}

/** Identity asserted by the front web server (REMOTE_USER and its kin); only from trusted proxies. */
export interface RemoteIdentity {
  readonly user: string;
  readonly domain: string | null;
  readonly authType: string | null;
}

/** Decides policy questions; the `rbac` filter may replace the default one for a pipeline. */
export interface PolicyAuthority {
  /** The compiled rules in force at this moment. */
  current(): Policy;
}

export interface RequestContext {
  /** `req-<uuid4>`, set by the `request_id` filter; null before or without it. */
  requestId: string | null;
  /** True when the request carried `[DEFAULT] admin_token`. */
  isAdmin: boolean;
  /** X-Auth-Token as sent; null when absent. */
  tokenId: string | null;
  /** X-Subject-Token as sent; null when absent. */
  subjectTokenId: string | null;
  /** Null when the caller did not authenticate (or did so with an unusable token). */
  auth: AuthContext | null;
  remote: RemoteIdentity | null;
  /** The parsed JSON body: always an object; null when there was no body or no `json_body` filter. */
  body: JsonObject | null;
  /** Scheme and host as seen by the client, from a trusted proxy's headers; null when not forwarded. */
  forwardedScheme: string | null;
  forwardedHost: string | null;
  /** Policy put in force for this pipeline by the `rbac` filter; null means the service's own. */
  policy: PolicyAuthority | null;
  /** What policy decided; null until a route has decided. A response without a decision is a programming error. */
  decision: 'public' | 'granted' | 'denied' | 'bypassed' | null;
  /** Route pattern that matched (`/users/{user_id}`), for logs and metrics. */
  route: string | null;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** The request's context, made on first use. */
export function requestContext(ctx: Pick<ParameterizedContext, 'state'>): RequestContext {
  const state = ctx.state as { keystone?: RequestContext };
  state.keystone ??= {
    requestId: null,
    isAdmin: false,
    tokenId: null,
    subjectTokenId: null,
    auth: null,
    remote: null,
    body: null,
    forwardedScheme: null,
    forwardedHost: null,
    policy: null,
    decision: null,
    route: null,
  };
  return state.keystone;
}

/** Mount prefix of the current application (WSGI's SCRIPT_NAME), as kept by the pipeline's urlmap; '' at the root. */
export function scriptName(ctx: Pick<ParameterizedContext, 'state'>): string {
  return (ctx.state as { scriptName?: string }).scriptName ?? '';
}
