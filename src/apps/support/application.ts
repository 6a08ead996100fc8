/**
 * What all applications at the end of a pipeline share: a document at `/` for every method, the route table for the
 * rest, the API's 404 for what is not routed, and the watch that no route answers without a policy decision.
 */
import type { ParameterizedContext } from 'koa';
import { requestContext } from '../../common/context.js';
import type { BaseUrl } from '../../common/http/base_url.js';
import { requireDecision } from '../../common/http/decision.js';
import { noteMount } from '../../common/http/mount.js';
import { proxyScheme } from '../../common/http/proxy_scheme.js';
import { QueryParams } from '../../common/http/query.js';
import { renderError, respond } from '../../common/http/render.js';
import { createRouter } from '../../common/http/router.js';
import { trustedProxies } from '../../common/http/trusted_proxies.js';
import type { ApiResult, Route } from '../../common/http/types.js';
import { getLogger } from '../../common/log/index.js';
import { type AppFactory, after, DONE, defineApp, type PipelineMiddleware } from '../../pipeline/index.js';
import type { AppServices } from '../services.js';

const log = getLogger('keystone.version.service');

interface Application {
  /** What is asked for at `/`, whatever the method. */
  readonly root: (ctx: ParameterizedContext) => ApiResult;
  readonly routes: readonly Route[];
  /** Base of the links in answers. */
  readonly baseUrl: BaseUrl;
}

export function application(
  { conf, policy, rendering }: AppServices,
  { root, routes, baseUrl }: Application,
): PipelineMiddleware {
  const applyScheme = proxyScheme(
    conf.DEFAULT.secure_proxy_ssl_header,
    trustedProxies(conf.keystone_koa.trusted_proxies),
  );
  const dispatch = createRouter(routes, { ...rendering, baseUrl, policy });
  return (ctx, next) => {
    applyScheme(ctx);
    noteMount(ctx);
    if (ctx.path === '/') {
      answerRoot(ctx);
      return DONE;
    }
    return after(dispatch(ctx, next) ?? DONE, () => requireDecision(ctx, rendering));
  };

  function answerRoot(ctx: ParameterizedContext): void {
    const context = requestContext(ctx);
    context.route = '/';
    context.decision = 'public';
    try {
      QueryParams.parse(ctx.querystring);
      respond(ctx, root(ctx));
    } catch (error) {
      renderError(ctx, error, rendering);
    }
  }
}

/**
 * An application's factory. Settings of its section are accepted and change nothing, as in Keystone.
 * @param requires what filters in front of it must provide
 */
export function appFactory(requires: readonly string[], build: () => PipelineMiddleware): AppFactory {
  const factory = defineApp({ requires }, (_globalConf, settings: Readonly<Record<string, unknown>>) => {
    const names = Object.keys(settings);
    if (names.length > 0)
      log.warn(`The settings of an application's section are ignored: ${names.join(', ')}`);
    return build();
  });
  return factory;
}
