import type { Branch, PartView } from './explain.js';
import { canonicalMount, canonicalPath } from './url_path.js';
import { UrlMap } from './urlmap.js';

/** A request, as far as it decides about its way. */
export interface RouteRequest {
  /** Without a query. */
  readonly path: string;
  /** The Host header. */
  readonly host?: string | undefined;
  readonly scheme?: string | undefined;
}

/** The way of a request through a branch. */
export interface Route {
  readonly branch: Branch;
  /** How the request got there; absent at the beginning. */
  readonly label?: string;
  /** What filters and app of the branch see of the path. */
  readonly scriptName: string;
  readonly path: string;
  /**
   * `app`: the branch's app answers. `branch`: the request goes on with `next`; with several, each is tried until one
   * has an answer. `not-found`: nothing is mounted there. `unknown`: the composite does not say where it leads.
   */
  readonly outcome: 'app' | 'branch' | 'not-found' | 'unknown';
  readonly next: readonly Route[];
}

/**
 * Which way a request takes, from what is known before it comes. A filter may still answer by itself, or change the
 * path.
 */
export function routeOf(branch: Branch, request: RouteRequest): Route {
  return follow(branch, '', canonicalPath(request.path), request);
}

function follow(
  branch: Branch,
  scriptName: string,
  path: string,
  request: RouteRequest,
  label?: string,
): Route {
  const here = { branch, scriptName, path, ...(label === undefined ? {} : { label }) };
  const { parts } = branch.app;
  if (parts === undefined) {
    const composite = branch.app.factory.protocol.includes('composit');
    return { ...here, outcome: composite ? 'unknown' : 'app', next: [] };
  }
  const tried = parts.filter((part) => part.route?.kind === 'try');
  if (tried.length > 0) {
    const inOrder = tried.toSorted((left, right) => (left.label < right.label ? -1 : 1));
    return {
      ...here,
      outcome: 'branch',
      next: inOrder.map((part) => follow(part.branch, scriptName, path, request, part.label)),
    };
  }
  if (parts.some((part) => part.route === undefined)) return { ...here, outcome: 'unknown', next: [] };

  const mount = mapOf(parts).find(path, request.host ?? '', request.scheme ?? 'http');
  if (mount !== undefined) {
    const rest = path.slice(mount.path.length);
    const next = follow(
      mount.app.branch,
      scriptName + mount.path,
      rest === '' ? '/' : rest,
      request,
      mount.app.label,
    );
    return { ...here, outcome: 'branch', next: [next] };
  }
  const otherwise = parts.find((part) => part.route?.kind === 'not-found');
  if (otherwise === undefined) return { ...here, outcome: 'not-found', next: [] };
  return {
    ...here,
    outcome: 'branch',
    next: [follow(otherwise.branch, scriptName, path, request, otherwise.label)],
  };
}

function mapOf(parts: readonly PartView[]): UrlMap<PartView> {
  const map = new UrlMap<PartView>();
  for (const part of parts) {
    if (part.route?.kind !== 'mount') continue;
    const path = canonicalMount(part.route.path);
    map.add(part.route.domain === undefined ? path : `http://${part.route.domain}${path}`, part);
  }
  return map;
}
