/** The requests that are being answered, for the live diagnosis. */
import { type RequestContext, requestContext } from '../common/context.js';

export interface ActiveRequest {
  readonly request_id: string | null;
  readonly method: string;
  /** The pattern of the route; before one is found, the first two parts of the path. Never an id or a token. */
  readonly route: string;
  readonly user_id: string | null;
  /** Milliseconds since it arrived. */
  readonly age_ms: number;
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly context: RequestContext;
  readonly since: number;
}

/** What is known of a path that has not found its route: what comes third may be a secret (`/v2.0/tokens/ID`). */
function beginning(path: string): string {
  const parts = path.split('/');
  return parts.length > 3 ? `${parts.slice(0, 3).join('/')}/…` : path;
}

export class ActiveRequests {
  readonly #entries = new Set<Entry>();

  /** Count a request from now on. @returns what ends that */
  begin(ctx: { readonly method: string; readonly path: string; state: Record<string, unknown> }): () => void {
    const { method, path } = ctx;
    const entry = { method, path, context: requestContext(ctx), since: performance.now() };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** The oldest first. */
  list(): readonly ActiveRequest[] {
    const now = performance.now();
    return [...this.#entries].map(({ method, path, context, since }) => ({
      request_id: context.requestId,
      method,
      route: context.route ?? beginning(path),
      user_id: context.auth?.userId ?? null,
      age_ms: Math.round(now - since),
    }));
  }
}
