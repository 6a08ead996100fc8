/** The health check as an application of its own, at whatever path it is mounted. Source: oslo.middleware's Healthcheck. */

import { requestContext } from '../common/context.js';
import { runInRequest } from '../common/log/index.js';
import type { FilterServices } from '../filters/services.js';
import {
  HEALTH_OPTIONS,
  healthAnswer,
  healthBackends,
  healthSettings,
} from '../filters/support/health_answer.js';
import { OSLO_OPTIONS } from '../filters/support/oslo_options.js';
import { type AppFactory, defineApp, type OptionValues } from '../pipeline/index.js';

const OPTIONS = { ...OSLO_OPTIONS, ...HEALTH_OPTIONS } as const;

export function createApp({
  conf,
  health,
}: Pick<FilterServices, 'conf' | 'health'>): AppFactory<OptionValues<typeof OPTIONS>> {
  return defineApp({ options: OPTIONS }, (_globalConf, options) => {
    const settings = healthSettings(conf, options);
    const backends = healthBackends(settings);
    const answer = healthAnswer(settings.detailed, () => health.status());
    return (ctx) =>
      runInRequest(requestContext(ctx), async () => {
        if (ctx.path === '/live') answer(ctx, health.live());
        else answer(ctx, [...backends.map((look) => look(ctx)), ...(await health.ready())]);
      });
  });
}
