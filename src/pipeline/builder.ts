import { isDeepStrictEqual } from 'node:util';
import { type Context, type FactoryContext, type ObjectType, plain } from './context.js';
import { fail, PipelineError, reasonOf, type Site } from './errors.js';
import { callerConf } from './load_options.js';
import { type AnyFactory, type Plan, type Prepared, prepare, settingsOf } from './prepare.js';
import type { Session } from './session.js';
import type { CompositeLoader, GlobalConf } from './types.js';
import { checkOrder } from './validate.js';

/** A filter that is ready to be put around an app. */
export type Wrap<App> = (app: App) => App | Promise<App>;

/**
 * What is made of the things that factories return. The builder knows in which order factories are called and what is
 * put around what; a weaver knows what apps and filters are.
 */
export interface Weaver<App> {
  /** @throws Error when it is no app */
  app(made: unknown, from: FactoryContext): App;
  /** @throws Error when it is no filter */
  filter(made: unknown, from: FactoryContext): Wrap<App>;
  /** The app as factories and callers get it. */
  expose(app: App): unknown;
}

/** Calls the factories of a plan. */
export class Builder<App> {
  readonly #session: Session;
  readonly #weaver: Weaver<App>;
  readonly #disposers: (() => unknown)[] = [];

  constructor(session: Session, weaver: Weaver<App>) {
    this.#session = session;
    this.#weaver = weaver;
  }

  /** Build an app: its factories are called one after the other, the innermost first where it can be helped. */
  app(plan: Plan): Promise<App> {
    return this.#app(plan, plan.root);
  }

  filter(plan: Plan): Promise<Wrap<App>> {
    return this.#filter(plan, plan.root);
  }

  /** Build a server: the result, applied to an app, serves it. */
  async server(plan: Plan): Promise<(app: App) => unknown> {
    const { root } = plan;
    if (root.type !== 'factory') return notReady(root);
    const { factory, globalConf, localConf } = this.#ready(plan, root);
    if (root.protocol === 'paste.server_runner') {
      return (app) => factory(this.#weaver.expose(app), globalConf, localConf);
    }
    const server = await this.#call(root, factory, globalConf, localConf);
    if (typeof server !== 'function')
      fail('bad-factory', `'${root.reference.label}' returned no server`, root.named, {
        name: root.reference.label,
      });
    return (app) => (server as AnyFactory)(this.#weaver.expose(app));
  }

  /** Let go of what the factories hold, the last made first. One that fails does not keep the others. */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    for (const dispose of this.#disposers.splice(0).toReversed()) {
      try {
        await dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `could not dispose of ${failures.length} filters or apps`);
  }

  async #app(plan: Plan, context: Context): Promise<App> {
    switch (context.type) {
      case 'pipeline': {
        let app = await this.#app(plan, context.app);
        const filters: Wrap<App>[] = [];
        for (const filter of context.filters) filters.push(await this.#filter(plan, filter));
        for (const filter of filters.toReversed()) app = await filter(app);
        return app;
      }
      case 'filter-app': {
        const app = await this.#app(plan, context.next);
        const filter = await this.#filter(plan, context.filter);
        return filter(app);
      }
      case 'filter-with': {
        // Whatever stands behind an app section is an app. PasteDeploy takes everything but a plain app for a filter
        // here, and hands back a function that nobody can serve.
        const filter = await this.#filter(plan, context.filter);
        return filter(await this.#app(plan, context.next));
      }
      case 'factory': {
        const { factory, globalConf, localConf } = this.#ready(plan, context);
        const composite = context.protocol !== 'paste.app_factory';
        const made = composite
          ? await this.#call(context, factory, this.#loader(plan, context), globalConf, localConf)
          : await this.#call(context, factory, globalConf, localConf);
        return this.#woven(context, () => this.#weaver.app(made, context));
      }
      default:
        return notReady(context);
    }
  }

  async #filter(plan: Plan, context: Context): Promise<Wrap<App>> {
    if (context.type === 'filter-with') {
      const outer = await this.#filter(plan, context.filter);
      const inner = await this.#filter(plan, context.next);
      return async (app) => outer(await inner(app));
    }
    if (context.type !== 'factory') return notReady(context);
    const { factory, globalConf, localConf } = this.#ready(plan, context);
    if (context.protocol === 'paste.filter_app_factory') {
      return async (app) => {
        const made = await this.#call(context, factory, this.#weaver.expose(app), globalConf, localConf);
        return this.#woven(context, () => this.#weaver.app(made, context));
      };
    }
    const made = await this.#call(context, factory, globalConf, localConf);
    return this.#woven(context, () => this.#weaver.filter(made, context));
  }

  /** Gives a composite what it asks for: as it was planned, or found now in the file that the composite was used from. */
  #loader(plan: Plan, context: FactoryContext): CompositeLoader<unknown> {
    const found = async (
      objectType: ObjectType,
      name: string | undefined,
      globalConf: GlobalConf | undefined,
    ): Promise<[Plan, Context]> => {
      const planned = plan.of(context)?.parts?.find(({ part }) => objectType === 'app' && part.app === name);
      if (planned !== undefined && isDeepStrictEqual({ ...globalConf }, plain(context.globalConf)))
        return [plan, planned.context];

      const root = context.source.getContext(
        objectType,
        name ?? null,
        callerConf(globalConf),
        context.site,
        context.ancestry,
      );
      const part = await prepare(this.#session, root);
      checkOrder(this.#session, part, plan.within.get(context));
      this.#session.stopIfWrong();
      return [part, root];
    };
    return {
      getApp: async (name, globalConf) =>
        this.#weaver.expose(await this.#app(...(await found('app', name, globalConf)))),
      getFilter: async (name, globalConf) => {
        const filter = await this.#filter(...(await found('filter', name, globalConf)));
        return async (app) => this.#weaver.expose(await filter(this.#weaver.app(app, context)));
      },
      settings: () => settingsOf(context.localConf),
    };
  }

  #ready(plan: Plan, context: FactoryContext): Prepared {
    return plan.of(context) ?? notReady(context);
  }

  async #call(context: FactoryContext, factory: AnyFactory, ...args: readonly unknown[]): Promise<unknown> {
    let made: unknown;
    try {
      // Each call gets objects of its own: what one factory does to them reaches no other.
      made = await factory(...args.map((arg) => (isConf(arg) ? { ...arg } : arg)));
    } catch (error) {
      if (error instanceof PipelineError) throw error;
      fail('factory-failed', `'${context.reference.label}' failed: ${reasonOf(error)}`, placeOf(context), {
        name: context.reference.label,
        cause: error,
      });
    }
    const held = made as { dispose?: unknown } | null | undefined;
    if (typeof made === 'function' && typeof held?.dispose === 'function') {
      const { dispose } = held;
      this.#disposers.push(() => Reflect.apply(dispose, made, []) as unknown);
    }
    return made;
  }

  #woven<T>(context: FactoryContext, weave: () => T): T {
    try {
      return weave();
    } catch (error) {
      return fail('bad-factory', `'${context.reference.label}' ${reasonOf(error)}`, placeOf(context), {
        name: context.reference.label,
        cause: error,
      });
    }
  }
}

function isConf(arg: unknown): arg is Record<string, unknown> {
  return typeof arg === 'object' && arg !== null && Object.getPrototypeOf(arg) === Object.prototype;
}

function placeOf(context: FactoryContext): Site {
  const section = context.trail[0];
  return section === undefined
    ? context.named
    : { file: section.file, line: section.line, section: section.name };
}

/** A plan with problems is never built; getting here is a mistake in this library. */
function notReady(context: Context): never {
  throw new Error(`'${context.asked}' (${context.type}) was to be built before it was found to be whole`);
}
