/**
 * Tells load balancers whether to send requests here: `[healthcheck] path` looks at what stands behind the process,
 * the liveness path only at the process. Paths are whole ones, whatever the pipeline is mounted at.
 * Source: oslo.middleware's Healthcheck; liveness and the state of the service are ours.
 */
import { requestContext, scriptName } from '../common/context.js';
import { runInRequest } from '../common/log/index.js';
import {
  defineFilter,
  type FilterFactory,
  type OptionValues,
  type PipelineMiddleware,
} from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { HEALTH_OPTIONS, healthAnswer, healthBackends, healthSettings } from './support/health_answer.js';
import { OSLO_OPTIONS } from './support/oslo_options.js';

const OPTIONS = { ...OSLO_OPTIONS, ...HEALTH_OPTIONS } as const;

export function createFilter({
  conf,
  health,
}: Pick<FilterServices, 'conf' | 'health'>): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter({ options: OPTIONS }, (_globalConf, options) => {
    const settings = healthSettings(conf, options);
    const livenessPath = options.liveness_path ?? `${settings.path}/live`;
    const backends = healthBackends(settings);
    const answer = healthAnswer(settings.detailed, () => health.status());
    const answerReady: PipelineMiddleware = (ctx) =>
      runInRequest(requestContext(ctx), async () => {
        answer(ctx, [...backends.map((look) => look(ctx)), ...(await health.ready())]);
      });
    return (ctx, next) => {
      const mount = scriptName(ctx);
      const path = mount === '' ? ctx.path : mount + ctx.path;
      if (path === settings.path) return answerReady(ctx, next);
      if (path !== livenessPath) return next();
      answer(ctx, health.live());
      return Promise.resolve();
    };
  });
}
