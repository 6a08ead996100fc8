/**
 * Route tables on koa-router, with find-my-way as its index: koa-router alone matches linearly, which costs tens of
 * microseconds at Keystone's number of routes.
 */
import findMyWay from 'find-my-way';
import type Koa from 'koa';
import KoaRouter from 'koa-router';
import { requestContext } from '../context.js';
import { NotFound } from '../errors.js';
import { bodySchema } from '../validation/index.js';
import { type Authorization, authorize } from './authorize.js';
import type { BaseUrl } from './base_url.js';
import { type ErrorRendering, renderError, respond } from './render.js';
import { KoaApiRequest } from './request.js';
import type { HttpMethod, Route } from './types.js';

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

/** koa-router with its linear matching replaced by an index; patterns are written `/users/{user_id}` in tables. */
class IndexedRouter extends KoaRouter {
  private readonly index = findMyWay(FIND_MY_WAY_OPTIONS);

  add(route: Route, methods: readonly HttpMethod[], handler: Koa.Middleware): void {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    const layer = this.register(path, [...methods], [handler as KoaRouter.IMiddleware], {
      name: path,
      strict: true,
      sensitive: true,
    });
    for (const method of methods) this.index.on(method, path, () => undefined, layer);
  }

  override match(path: string, method: string): KoaRouter.IRoutesMatch {
    const found = this.index.find(method as HttpMethod, path);
    // New lists for every request: koa-router keeps the first as ctx.matched and appends to it further on.
    if (found === null) return matched([]);
    const { stack, path: pattern, name } = found.store as KoaRouter.Layer;
    return matched([{ stack, path: pattern, name, captures: () => [], params: () => found.params }]);
  }
}

function matched(layers: readonly object[]): KoaRouter.IRoutesMatch {
  const match = { path: [...layers], pathAndMethod: layers, route: layers.length > 0 };
  return match as unknown as KoaRouter.IRoutesMatch;
}

/**
 * Compile a route table into Koa middleware.
 * @throws Error when two routes claim the same method and path
 */
export function createRouter(routes: readonly Route[], options: RouterOptions): Koa.Middleware {
  const router = new IndexedRouter();
  const own = new Set(routes.map((route) => `${route.method} ${route.path}`));
  for (const route of routes) {
    const methods: HttpMethod[] = [route.method];
    if (route.method === 'GET' && route.noHead !== true && !own.has(`HEAD ${route.path}`))
      methods.push('HEAD');
    router.add(route, methods, routeHandler(route, options));
  }
  const dispatch = router.routes() as unknown as Koa.Middleware;
  if (options.fallThrough === true) return dispatch;
  return (ctx) =>
    dispatch(ctx, () => {
      requestContext(ctx).decision = 'public';
      renderError(ctx, new NotFound('The resource could not be found.'), options);
      return Promise.resolve();
    });
}

function routeHandler(route: Route, options: RouterOptions): Koa.Middleware {
  const validate = route.schema === undefined ? null : bodySchema(route.schema.member, route.schema.schema);
  return async (ctx) => {
    const context = requestContext(ctx);
    context.route = route.path;
    context.decision = null;
    try {
      const params = (ctx as unknown as { params: Record<string, string> }).params;
      const request = new KoaApiRequest(ctx, context, params, options.baseUrl, options.policy);
      if (route.rawBody === true) await request.readRawBody();
      await authorize(route.access, request, options);
      validate?.(request.body);
      respond(ctx, await route.handler(request));
    } catch (error) {
      renderError(ctx, error, options);
    }
  };
}
