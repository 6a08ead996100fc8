/**
 * Extensions of the API as filters: they answer their own routes and pass on everything else. Theirs are also the
 * entries that they add to the JSON home document of the application further in.
 */
import type { ParameterizedContext } from 'koa';
import { type JsonHomeResources, jsonHome } from '../../common/http/json_home.js';
import { noteMount } from '../../common/http/mount.js';
import { proxyScheme } from '../../common/http/proxy_scheme.js';
import { createRouter } from '../../common/http/router.js';
import { trustedProxies } from '../../common/http/trusted_proxies.js';
import type { Route } from '../../common/http/types.js';
import { DONE, type PipelineMiddleware, passOn } from '../../pipeline/index.js';
import type { FilterServices, ResourceIndex } from '../services.js';

export type ExtensionServices = Pick<FilterServices, 'conf' | 'policy' | 'rendering' | 'extensions'>;

/** @param index told of the resources; null where no JSON home document tells of them (v2.0) */
export function extensionRouter(
  routes: readonly Route[],
  { conf, policy, rendering }: ExtensionServices,
  index: ResourceIndex | null,
): PipelineMiddleware {
  if (routes.length === 0) return passOn;
  index?.addResources(jsonHome(routes, '/v3'));
  const applyScheme = proxyScheme(
    conf.DEFAULT.secure_proxy_ssl_header,
    trustedProxies(conf.keystone_koa.trusted_proxies),
  );
  const dispatch = createRouter(routes, { ...rendering, policy, fallThrough: true });
  const extend = jsonHomeExtender(jsonHome(routes));
  return (ctx, next) => {
    if (ctx.path === '/') return index !== null ? next().then(() => extend(ctx)) : next();
    applyScheme(ctx);
    noteMount(ctx);
    return dispatch(ctx, next) ?? DONE;
  };
}

/** Documents are few and the same again and again: the last one is remembered. */
function jsonHomeExtender(own: JsonHomeResources): (ctx: ParameterizedContext) => void {
  let original = '';
  let extended = '';
  return (ctx) => {
    if (ctx.status !== 200 || ctx.res.getHeader('Content-Type') !== 'application/json-home') return;
    const { body } = ctx;
    if (typeof body !== 'string') return;
    if (body !== original) {
      const document = JSON.parse(body) as { resources: JsonHomeResources };
      extended = JSON.stringify({ resources: { ...document.resources, ...own } });
      original = body;
    }
    ctx.body = extended;
  };
}
