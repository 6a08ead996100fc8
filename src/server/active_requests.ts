/** The requests that are being answered, for the live diagnosis. */
import type { RequestContext } from '../common/context.js';

export interface ActiveRequest {
  readonly request_id: string | null;
  readonly method: string;
  /** The pattern of the route; before one is found, the first two parts of the path. Never an id or a token. */
  readonly route: string;
  readonly user_id: string | null;
  /** Milliseconds since it arrived. */
  readonly age_ms: number;
}

/** A request that is counted. */
export interface Entry {
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

  /**
   * Count a request from now on.
   * @param since milliseconds of the performance clock
   */
  begin(method: string, path: string, context: RequestContext, since: number): Entry {
    const entry = { method, path, context, since };
    this.#entries.add(entry);
    return entry;
  }

  end(entry: Entry): void {
    this.#entries.delete(entry);
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
