import type Koa from 'koa';
import { atLast, DONE, promised } from './done.js';
import { compareCodePoints, words } from './text.js';
import type {
  CompositeFactory,
  CompositeLoader,
  GlobalConf,
  Part,
  PartProblem,
  PipelineMiddleware,
} from './types.js';
import { canonicalMount, canonicalPath, collapsed } from './url_path.js';

/** A mapping that means nothing. */
export class UrlMapError extends Error {
  readonly kind: 'value-error' | 'bad-url';

  constructor(kind: 'value-error' | 'bad-url', message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * The URL of a path expression: `/path`, `domain NAME /path`, `domain NAME port NUMBER /path`, in any order.
 *
 * @throws UrlMapError of kind value-error
 */
export function parsePathExpression(expression: string): string {
  let domain: string | undefined;
  let port: string | undefined;
  let path: string | undefined;
  const rest = words(expression);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === 'domain') {
      if (domain !== undefined) throw new UrlMapError('value-error', "'domain' is given twice");
      domain = rest.shift();
      if (domain === undefined) throw new UrlMapError('value-error', "'domain' must be followed by a name");
    } else if (word === 'port') {
      if (port !== undefined) throw new UrlMapError('value-error', "'port' is given twice");
      port = rest.shift();
      if (port === undefined) throw new UrlMapError('value-error', "'port' must be followed by a number");
    } else if (path !== undefined) {
      throw new UrlMapError('value-error', `'${path}' and '${word}' are two paths`);
    } else {
      path = word;
    }
  }
  if (port !== undefined && domain === undefined)
    throw new UrlMapError('value-error', "'port' needs a 'domain'");
  if (domain === undefined) return path ?? '';
  const authority = port === undefined ? `http://${domain}` : `http://${domain}:${port}`;
  return path === undefined ? authority : `${authority}/${path}`;
}

/** Where an app is mounted: below a path, on one domain (`host` or `host:port`) or on all. */
export interface Mount<App> {
  readonly domain: string | null;
  /** Without a slash at its end, '' for the root. */
  readonly path: string;
  readonly app: App;
}

/**
 * The domain and the path of a URL or path, runs of slashes made one.
 *
 * @param trim take slashes off the end, too
 * @throws UrlMapError of kind bad-url for what begins neither with a slash nor with http:// or https://
 */
export function normalizeUrl(url: string, trim = true): [domain: string | null, path: string] {
  if (!isUrl(url)) throw new UrlMapError('bad-url', `'${url}' begins neither with / nor with http://`);
  let domain: string | null = null;
  let path = url;
  if (!url.startsWith('/') && url !== '') {
    const rest = url.slice(url.indexOf('//') + 2);
    const slash = rest.indexOf('/');
    domain = slash < 0 ? rest : rest.slice(0, slash);
    path = slash < 0 ? '' : rest.slice(slash);
  }
  path = collapsed(path);
  return [domain, trim ? path.replace(/\/+$/, '') : path];
}

function isUrl(url: string): boolean {
  return url === '' || url.startsWith('/') || url.startsWith('http://') || url.startsWith('https://');
}

/** Apps by URL: those of a domain before those of all, the longest path first. */
export class UrlMap<App> {
  #mounts: Mount<App>[] = [];
  /** The mounts that a host may reach, in the order in which they match. */
  #byHost = new Map<string, readonly Mount<App>[]>();
  #anyHost: readonly Mount<App>[] = [];

  /** In the order in which they match. */
  get mounts(): readonly Mount<App>[] {
    return this.#mounts;
  }

  /** Does the host matter at all? */
  get usesHosts(): boolean {
    return this.#byHost.size > 0;
  }

  /**
   * Mount an app; what was mounted at the same place is replaced.
   *
   * @throws UrlMapError of kind bad-url
   */
  add(url: string, app: App): void {
    const [domain, path] = normalizeUrl(url);
    const others = this.#mounts.filter((mount) => mount.domain !== domain || mount.path !== path);
    this.#mounts = [...others, { domain, path, app }].sort(compareMounts);
    this.#index();
  }

  /**
   * The mount that a request reaches.
   *
   * @param path with runs of slashes made one
   * @param host the Host header
   * @param scheme decides about the port when the host has none
   */
  find(path: string, host: string, scheme: string): Mount<App> | undefined {
    const mounts = this.usesHosts ? this.#mountsOf(host, scheme) : this.#anyHost;
    for (const mount of mounts) {
      const { length } = mount.path;
      if (path.startsWith(mount.path) && (path.length === length || path.charCodeAt(length) === 0x2f))
        return mount;
    }
    return undefined;
  }

  #mountsOf(host: string, scheme: string): readonly Mount<App>[] {
    const lower = host.toLowerCase();
    const colon = lower.indexOf(':');
    const name = colon < 0 ? lower : lower.slice(0, colon);
    const port = colon < 0 ? (scheme === 'http' ? '80' : '443') : lower.slice(colon + 1);
    return this.#byHost.get(`${name}:${port}`) ?? this.#byHost.get(name) ?? this.#anyHost;
  }

  #index(): void {
    this.#anyHost = this.#mounts.filter((mount) => mount.domain === null || mount.domain === '');
    this.#byHost = new Map();
    for (const { domain } of this.#mounts) {
      if (domain === null || domain === '') continue;
      const name = domain.split(':', 1)[0];
      const reached = this.#mounts.filter(
        (each) => !each.domain || each.domain === domain || each.domain === name,
      );
      this.#byHost.set(domain, reached);
    }
  }
}

/** Mounts of no domain sort as if they were of this one: after all, but for names that begin beyond Latin-1. */
const noDomain = '\u00ff';

function compareMounts(left: Mount<unknown>, right: Mount<unknown>): number {
  return (
    compareCodePoints(left.domain || noDomain, right.domain || noDomain) ||
    Array.from(right.path).length - Array.from(left.path).length ||
    compareCodePoints(left.domain ?? '', right.domain ?? '') ||
    compareCodePoints(left.path, right.path)
  );
}

const notFoundSetting = 'not_found_app';

function notFoundName(
  settings: readonly (readonly [string, string])[],
  globalConf: GlobalConf,
): string | undefined {
  const local = settings.find(([name]) => name === notFoundSetting);
  const name = local === undefined ? globalConf[notFoundSetting] : local[1];
  return name === '' ? undefined : name;
}

/**
 * Ask for the apps of a `use = egg:Paste#urlmap` section and mount them.
 *
 * Every setting is a path expression and an app's name, but `not_found_app`, which may stand in `[DEFAULT]` too.
 */
export async function buildUrlMap<App>(
  loader: Pick<CompositeLoader<App>, 'getApp' | 'settings'>,
  globalConf: GlobalConf,
): Promise<{ map: UrlMap<App>; notFound: App | undefined }> {
  const settings = loader.settings();
  const name = notFoundName(settings, globalConf);
  const notFound = name === undefined ? undefined : await loader.getApp(name, globalConf);
  const map = new UrlMap<App>();
  for (const [expression, app] of settings) {
    if (expression === notFoundSetting) continue;
    const url = parsePathExpression(expression);
    map.add(url, await loader.getApp(app, globalConf));
  }
  return { map, notFound };
}

function* urlMapParts(
  settings: readonly (readonly [string, string])[],
  globalConf: GlobalConf,
): Iterable<Part | PartProblem> {
  const notFound = notFoundName(settings, globalConf);
  if (notFound !== undefined) {
    yield { setting: notFoundSetting, app: notFound, label: 'anything else', route: { kind: 'not-found' } };
  }
  for (const [expression, app] of settings) {
    if (expression === notFoundSetting) continue;
    try {
      const url = parsePathExpression(expression);
      const [domain, path] = isUrl(url) ? normalizeUrl(url) : [null, url];
      yield {
        setting: expression,
        app,
        label: expression,
        route: { kind: 'mount', domain: domain ?? undefined, path },
      };
      // Said after the app was looked for, as PasteDeploy does.
      normalizeUrl(url);
    } catch (error) {
      if (!(error instanceof UrlMapError)) throw error;
      yield { setting: expression, kind: error.kind, text: error.message };
    }
  }
}

const answerNotFound: PipelineMiddleware = (ctx: Koa.Context) => {
  ctx.status = 404;
};

const end: Koa.Next = () => DONE;

/**
 * The middleware of a map. For the app that it reaches, the mount's path moves from `ctx.path` to the end of
 * `ctx.state.scriptName` ('' at the root), and back when the app is done.
 *
 * A path that ends with the mount leaves `/`, since Koa knows no empty path.
 */
export function urlMapMiddleware(
  map: UrlMap<PipelineMiddleware>,
  notFound: PipelineMiddleware = answerNotFound,
): PipelineMiddleware {
  return (ctx: Koa.Context) => {
    const { url } = ctx;
    // Koa says null for a target such as `foo://bar`, which is below no path, as is `*`.
    const asked = (ctx.path as string | null) ?? '';
    const path = canonicalPath(asked);
    const mount = path.startsWith('/') ? mountOf(map, path, ctx) : undefined;
    if (mount === undefined) return promised(notFound(ctx, end));

    const state = ctx.state as { scriptName?: string };
    const { scriptName } = state;
    state.scriptName = (scriptName ?? '') + mount.path;
    if (mount.path !== '' || path !== asked) {
      const rest = path.length === mount.path.length ? '/' : path.slice(mount.path.length);
      ctx.url = url.startsWith(asked) ? rest + url.slice(asked.length) : rest + ctx.search;
    }
    const restore = (): void => {
      ctx.url = url;
      if (scriptName === undefined) delete state.scriptName;
      else state.scriptName = scriptName;
    };
    let work: unknown;
    try {
      work = mount.app(ctx, end);
    } catch (error) {
      restore();
      throw error;
    }
    return atLast(promised(work), restore);
  };
}

function mountOf(
  map: UrlMap<PipelineMiddleware>,
  path: string,
  ctx: Koa.Context,
): Mount<PipelineMiddleware> | undefined {
  if (!map.usesHosts) return map.find(path, '', '');
  return map.find(path, ctx.req.headers.host ?? ctx.req.socket.localAddress ?? '', ctx.protocol);
}

/** `egg:Paste#urlmap` */
export const urlmap: CompositeFactory = Object.assign(
  async (loader: CompositeLoader, globalConf: GlobalConf) => {
    const { map, notFound } = await buildUrlMap(loader, globalConf);
    // Requests come with their paths in the one canonical form, so mounts must be in it, too.
    const mounted = new UrlMap<PipelineMiddleware>();
    for (const { domain, path, app } of map.mounts) {
      mounted.add(domain === null ? canonicalMount(path) : `http://${domain}${canonicalMount(path)}`, app);
    }
    return urlMapMiddleware(mounted, notFound);
  },
  { meta: { parts: urlMapParts } },
);
