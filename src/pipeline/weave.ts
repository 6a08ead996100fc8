import type Koa from 'koa';
import compose from 'koa-compose';
import type { Weaver } from './builder.js';
import type { FactoryContext } from './context.js';
import { type Measure, measured } from './measure.js';
import type { PipelineMiddleware, Surround } from './types.js';

/**
 * An app: the filters in front of it, the outermost first, and itself at the end. It is composed only where somebody
 * needs it as one function, so that a chain of any make-up costs one composition, made when the file is loaded.
 */
export type Stack = readonly PipelineMiddleware[];

/** A filter that has nothing to do. Chains are made without it. */
export const passOn: PipelineMiddleware = (_ctx, next) => next();

/**
 * @param measure left out, nothing is measured
 * @param surround put around what is no built-in name
 */
export function koaWeaver(measure?: Measure, surround?: Surround): Weaver<Stack> {
  const middleware = (made: unknown, from: FactoryContext, kind: 'filter' | 'app'): PipelineMiddleware => {
    if (typeof made !== 'function') throw new Error(`returned no Koa middleware, but ${describe(made)}`);
    const isForeign = surround !== undefined && from.reference.from === 'module';
    const whole = isForeign ? surround(made as PipelineMiddleware) : (made as PipelineMiddleware);
    return measure === undefined ? whole : measured(whole, from.asked, kind, measure);
  };
  return {
    app: (made, from) => [middleware(made, from, from.objectType === 'filter' ? 'filter' : 'app')],
    filter(made, from) {
      const filter = middleware(made, from, 'filter');
      return filter === passOn ? (app) => app : (app) => [filter, ...app];
    },
    expose: seal,
  };
}

/** One function of a stack. A request that nothing answers ends here: the caller's `next` is not the stack's. */
export function seal(stack: Stack): PipelineMiddleware {
  const composed = compose<Koa.Context>([...stack]);
  return (ctx: Koa.Context) => composed(ctx);
}

function describe(made: unknown): string {
  if (made === null || made === undefined) return 'nothing';
  return Array.isArray(made) ? 'a list' : `a ${typeof made}`;
}
