/** The request of POST /v3/auth/tokens, read into what it means. */
import type { JsonObject } from '../../common/context.js';

export type ScopeRequest =
  | { readonly kind: 'default' }
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly project: JsonObject }
  | { readonly kind: 'domain'; readonly domain: JsonObject }
  | { readonly kind: 'trust'; readonly trustId: string };

export interface AuthRequest {
  /** In the order of the request, without repetitions. */
  readonly methods: readonly { readonly name: string; readonly payload: JsonObject }[];
  readonly scope: ScopeRequest;
}

/** A scope that exists and is enabled. At most one of project and domain. */
export interface ResolvedScope {
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly trustId: string | null;
}
