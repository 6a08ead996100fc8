/**
 * Figures for Prometheus: requests by method, route and status, and the time of every filter and application of the
 * loaded pipelines. Answers the scrape itself, at its option `path`. In no stock pipeline.
 */
import { requestContext, scriptName } from '../common/context.js';
import { notedMount } from '../common/http/mount.js';
import { getLogger } from '../common/log/index.js';
import { SharedMetrics } from '../common/metrics_sharing.js';
import {
  defineFilter,
  type FilterFactory,
  type OptionValues,
  type PipelineMiddleware,
} from '../pipeline/index.js';
import type { FilterServices } from './services.js';

const log = getLogger('keystone.middleware.metrics');

const OPTIONS = {
  path: { type: 'str', default: '/metrics', help: 'Whole path at which the figures are served.' },
  shared_dir: {
    type: 'str',
    help: 'Folder in which the workers of one cluster exchange their figures; without it each answers for itself.',
  },
} as const;

export function createFilter({
  metrics,
}: Pick<FilterServices, 'metrics'>): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter({ options: OPTIONS, observe: metrics.observe }, (_globalConf, options) => {
    metrics.start();
    const shared =
      options.shared_dir === undefined
        ? null
        : new SharedMetrics(metrics.registry, options.shared_dir, (error) =>
            log.warn(`The metrics cannot be shared in ${options.shared_dir}: ${String(error)}`),
          );
    const middleware: PipelineMiddleware = async (ctx, next) => {
      if (ctx.path === options.path && scriptName(ctx) === '') {
        const text = await (shared === null ? metrics.registry.metrics() : shared.text());
        ctx.set('Content-Type', metrics.registry.contentType);
        ctx.body = text;
        return;
      }
      const begin = process.hrtime.bigint();
      metrics.requestBegins();
      let failed = true;
      try {
        await next();
        failed = false;
      } finally {
        const { route } = requestContext(ctx);
        metrics.requestEnds(
          {
            method: ctx.method,
            route: route === null ? 'unrouted' : notedMount(ctx) + route,
            status: failed ? '500' : String(ctx.status),
          },
          Number(process.hrtime.bigint() - begin) / 1e9,
        );
        shared?.touch();
      }
    };
    return Object.assign(middleware, { dispose: () => shared?.dispose() });
  });
}
