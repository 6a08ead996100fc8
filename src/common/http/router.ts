/**
 * Route tables on koa-router, with find-my-way as its index: koa-router alone matches linearly, which costs tens of
 * microseconds at Keystone's number of routes.
 */
import findMyWay from 'find-my-way';
import type Koa from 'koa';
import KoaRouter from 'koa-router';
import { type RequestContext, requestContext } from '../context.js';
import { NotFound } from '../errors.js';
import { runInRequest } from '../log/index.js';
import { isPromise } from '../maybe_promise.js';
import { bodySchema } from '../validation/index.js';
import { type Authorization, authorize } from './authorize.js';
import type { BaseUrl } from './base_url.js';
import { type ErrorRendering, renderError, respond } from './render.js';
import { KoaApiRequest } from './request.js';
import type { ApiResult, HttpMethod, Route } from './types.js';

export interface RouterOptions extends Authorization, ErrorRendering {
  /** Base of the links in answers (`[DEFAULT] public_endpoint`). */
  readonly baseUrl: BaseUrl;
  /** Extension filters pass on what they do not route; applications answer 404. */
  readonly fallThrough?: boolean;
}

const FIND_MY_WAY_OPTIONS = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  maxParamLength: 16_384,
} as const;

/** Answers a request; nothing is returned when that was done at once. */
type Answer = (ctx: Koa.Context) => Promise<void> | undefined;

/** A route table at work: undefined when a request was answered at once. */
export type Dispatch = (ctx: Koa.Context, next: Koa.Next) => Promise<unknown> | undefined;

/** koa-router with its linear matching replaced by an index; patterns are written `/users/{user_id}` in tables. */
class IndexedRouter extends KoaRouter {
  private readonly index = findMyWay(FIND_MY_WAY_OPTIONS);

  add(route: Route, methods: readonly HttpMethod[], handler: Answer): void {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    const layer = this.register(path, [...methods], [handler as KoaRouter.IMiddleware], {
      name: path,
      strict: true,
      sensitive: true,
    });
    for (const method of methods) this.index.on(method, path, () => undefined, layer);
  }

  /**
   * The one layer that matches, called without koa-router's composing of a chain for every request; `ctx.params` and
   * `ctx._matchedRoute` are set as koa-router does.
   */
  dispatcher(): Dispatch {
    return (ctx, next) => {
      // Koa gives null for a target such as `foo://bar`, which is no path of ours.
      const path = ctx.path as string | null;
      const found = path === null ? null : this.index.find(ctx.method as HttpMethod, path);
      if (found === null) return next();
      const { stack, path: pattern } = found.store as KoaRouter.Layer;
      Object.assign(ctx, { params: found.params, _matchedRoute: pattern });
      return (stack[0] as Answer)(ctx);
    };
  }
}

/**
 * Compile a route table.
 * @throws Error when two routes claim the same method and path
 */
export function createRouter(routes: readonly Route[], options: RouterOptions): Dispatch {
  const router = new IndexedRouter();
  const own = new Set(routes.map((route) => `${route.method} ${route.path}`));
  for (const route of routes) {
    const methods: HttpMethod[] = [route.method];
    if (route.method === 'GET' && route.noHead !== true && !own.has(`HEAD ${route.path}`))
      methods.push('HEAD');
    router.add(route, methods, routeHandler(route, options));
  }
  const dispatch = router.dispatcher();
  if (options.fallThrough === true) return dispatch;
  return (ctx) =>
    dispatch(ctx, () => {
      requestContext(ctx).decision = 'public';
      renderError(ctx, new NotFound('The resource could not be found.'), options);
      return Promise.resolve();
    });
}

function routeHandler(route: Route, options: RouterOptions): Answer {
  if (route.atOnce === true) {
    if (route.schema !== undefined || route.rawBody === true) {
      throw new Error(`${route.method} ${route.path}: what reads a body does not answer at once`);
    }
    return (ctx) => answerAtOnce(ctx, begin(ctx, route), route, options);
  }
  const validate = route.schema === undefined ? null : bodySchema(route.schema.member, route.schema.schema);
  const answer = async (ctx: Koa.Context, context: RequestContext): Promise<void> => {
    try {
      const request = requestOf(ctx, context, options);
      if (route.rawBody === true) await request.readRawBody();
      await authorize(route.access, request, options);
      validate?.(request.body);
      respond(ctx, await route.handler(request));
    } catch (error) {
      renderError(ctx, error, options);
    }
  };
  return (ctx) => {
    const context = begin(ctx, route);
    return runInRequest(context, () => answer(ctx, context));
  };
}

function begin(ctx: Koa.Context, route: Route): RequestContext {
  const context = requestContext(ctx);
  context.route = route.path;
  context.decision = null;
  return context;
}

/** @throws NotFound, ValidationError */
function requestOf(ctx: Koa.Context, context: RequestContext, options: RouterOptions): KoaApiRequest {
  const params = ctx['params'] as Record<string, string>;
  return new KoaApiRequest(ctx, context, params, options.baseUrl, options.policy);
}

function answerAtOnce(
  ctx: Koa.Context,
  context: RequestContext,
  route: Route,
  options: RouterOptions,
): Promise<void> | undefined {
  const later = (result: () => Promise<ApiResult>): Promise<void> =>
    runInRequest(context, async () => {
      try {
        respond(ctx, await result());
      } catch (error) {
        renderError(ctx, error, options);
      }
    });
  try {
    const request = requestOf(ctx, context, options);
    const decided = authorize(route.access, request, options);
    if (isPromise(decided)) return later(() => decided.then(() => route.handler(request)));
    const result = route.handler(request);
    if (isPromise(result)) return later(() => result);
    respond(ctx, result);
  } catch (error) {
    renderError(ctx, error, options);
  }
  return undefined;
}
