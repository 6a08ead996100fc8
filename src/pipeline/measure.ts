import type Koa from 'koa';
import type { Observer, PipelineMiddleware } from './types.js';

/** Who is told how long filters and apps take. */
export interface Measure {
  /** Say it to clients, as `Server-Timing` (https://www.w3.org/TR/server-timing/). */
  readonly timing: boolean;
  readonly observers: readonly Observer[];
}

/** A filter or app at work on a request, and how long others worked that it waited for. */
interface Work {
  others: number;
}

const working = new WeakMap<Koa.Context, Work>();

/** The middleware, with its own time measured: without that of what it called in turn. */
export function measured(
  middleware: PipelineMiddleware,
  name: string,
  kind: 'filter' | 'app',
  measure: Measure,
): PipelineMiddleware {
  const metric = name.replace(/[^A-Za-z0-9!#$%&'*+.^_`|~-]/g, '_');
  return async (ctx: Koa.Context, next: Koa.Next) => {
    const caller = working.get(ctx);
    const work: Work = { others: 0 };
    working.set(ctx, work);
    const start = performance.now();
    try {
      await middleware(ctx, next);
    } finally {
      const total = performance.now() - start;
      const own = Math.max(0, total - work.others);
      if (caller === undefined) {
        working.delete(ctx);
      } else {
        working.set(ctx, caller);
        caller.others += total;
      }
      for (const observe of measure.observers) observe(name, kind, own / 1000);
      if (measure.timing && !ctx.headerSent) ctx.append('Server-Timing', `${metric};dur=${own.toFixed(3)}`);
    }
  };
}
