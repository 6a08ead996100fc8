/**
 * The shape of a route table. A subsystem's `routers.ts` is a list of these and nothing else; everything that can be
 * decided from it (index, policy targets, compiled schemas, JSON home) is decided when the application is built.
 */
import type { JsonObject, RequestContext } from '../context.js';
import type { MaybePromise } from '../maybe_promise.js';
import type { Relation } from './json_home.js';
import type { Links } from './links.js';
import type { QueryParams } from './query.js';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A JSON Schema (draft 4 vocabulary as Keystone uses it). */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What a handler sees of a request. */
export interface ApiRequest {
  readonly context: RequestContext;
  readonly method: HttpMethod;
  /** Values of the `{name}` segments of the route, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryParams;
  /** The JSON body, `{}` when there was none. */
  readonly body: JsonObject;
  readonly links: Links;
  /** A request header by lower-case name; '' when absent. */
  header(name: string): string;
  /** Address of the peer as the socket (or the trusted proxy) tells it. */
  readonly remoteAddress: string;
  /** The body as received, for routes with `rawBody`. */
  readonly rawBody: Buffer;
  /**
   * Whether policy lets the caller do something beyond the route's own target: for handlers that judge each of many
   * entities, or an entity as it would become.
   * @param rule name of a policy rule; one that does not exist denies (or is answered by the default rule)
   */
  allows(rule: string, members?: TargetMembers): Promise<boolean>;
}

export interface ApiResult {
  readonly status: number;
  /** Object to be sent as JSON; a string or Buffer goes out as it is. Absent: no body. */
  readonly body?: object | string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `application/json`. */
  readonly contentType?: string;
}

export type Handler = (request: ApiRequest) => MaybePromise<ApiResult>;

/** Entities that policy rules can name as `target.<member>.<attribute>`. */
export type TargetMembers = Readonly<Record<string, object>>;

/**
 * Who may call a route.
 * - `public`: anybody, by decision; `why` says which rule of the API makes it so.
 * - `authenticated`: any valid token; the handler itself decides the rest (as `why` says).
 * - `protected`: a policy target over path, body and the loaded members (`target.*`).
 * - `filter`: a policy target over path and the declared query filters only (list routes).
 * - `v2_admin`: the one question of API v2.0: the rule `admin_required` over user, project and roles of a token that is
 *   scoped to a project.
 */
export type Access =
  | { readonly kind: 'public'; readonly why: string }
  | { readonly kind: 'authenticated'; readonly why: string }
  | { readonly kind: 'v2_admin' }
  | {
      readonly kind: 'protected';
      readonly target: PolicyTarget;
      readonly members?: (request: ApiRequest) => MaybePromise<TargetMembers>;
    }
  | {
      readonly kind: 'filter';
      readonly target: PolicyTarget;
      readonly filters: readonly string[];
      readonly members?: (request: ApiRequest) => MaybePromise<TargetMembers>;
    };

/** A policy target, or the two that are chosen between at run time (all named, so that a table can list them). */
export type PolicyTarget =
  | `identity:${string}`
  | {
      readonly oneOf: readonly `identity:${string}`[];
      readonly choose: (request: ApiRequest) => Promise<`identity:${string}`> | `identity:${string}`;
    };

export interface Route {
  readonly method: HttpMethod;
  /** Path under the version prefix, `/users/{user_id}`. */
  readonly path: string;
  readonly access: Access;
  readonly handler: Handler;
  /** Schema of one member of the body: `{ role: schema }` means that the body is `{"role": {...}}` and nothing else. */
  readonly schema?: { readonly member: string; readonly schema: JsonSchema };
  /** JSON home relation; given once per resource. */
  readonly rel?: Relation;
  /** The handler reads `rawBody`; the body need not be JSON (OAuth 1.0a forms). */
  readonly rawBody?: boolean;
  /**
   * What the route needs is in memory most of the time. Its functions then answer without a promise, and enter the
   * request (`runInRequest`) by themselves where they have to wait.
   */
  readonly atOnce?: boolean;
  /** GET routes answer HEAD as well unless this is true (or the table has its own HEAD route). */
  readonly noHead?: boolean;
}
