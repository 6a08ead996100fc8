import { Builder } from './builder.js';
import { plain } from './context.js';
import type { IniFile } from './ini.js';
import { type LoadOptions, openSession, uriOptions } from './load_options.js';
import { loadContext } from './loader.js';
import type { Plan } from './prepare.js';
import type { PipelineMiddleware, Server } from './types.js';
import { validate } from './validate.js';
import { koaWeaver, type Stack } from './weave.js';

/** An app as Koa's `use` takes it. `dispose` lets go of what its filters hold, once no request runs through it. */
export type LoadedApp = PipelineMiddleware & { dispose(): Promise<void> };

/** A filter: around an app, it is an app. */
export type LoadedFilter = ((app: PipelineMiddleware) => Promise<PipelineMiddleware>) & {
  dispose(): Promise<void>;
};

/** A server: given an app, it serves it. */
export type LoadedServer = Server & { dispose(): Promise<void> };

/**
 * Load an app: `loadApp('config:/etc/keystone/keystone-paste.ini', {name: 'main'})`.
 *
 * The file is read and checked as a whole before any factory is called. When one fails, what the others hold is let go.
 *
 * @param uri `config:FILE#NAME`, `egg:PACKAGE#NAME`
 * @throws PipelineError naming file, line, section, what is wrong and what was probably meant
 */
export function loadApp(uri: string, options: LoadOptions = {}): Promise<LoadedApp> {
  return loadAppOf(new Map(), uri, options);
}

/** `loadApp` of files as they were read before, so that several apps are of one state of them. */
export async function loadAppOf(
  files: Map<string, IniFile>,
  uri: string,
  options: LoadOptions,
): Promise<LoadedApp> {
  const { plan, session } = await validate('app', uri, options, files);
  const builder = new Builder(session, weaverFor(plan, options));
  sayNotes(plan, options);
  return whole(builder, async () => {
    const stack = await builder.app(plan);
    // A function of its own, since it gets a property.
    const app = koaWeaver().expose(stack) as PipelineMiddleware;
    return Object.assign(app, { dispose: () => builder.dispose() });
  });
}

/**
 * Load a filter, to be put around an app by hand.
 *
 * @throws PipelineError
 */
export async function loadFilter(uri: string, options: LoadOptions = {}): Promise<LoadedFilter> {
  const { plan, session } = await validate('filter', uri, options);
  const weaver = weaverFor(plan, options);
  const builder = new Builder(session, weaver);
  sayNotes(plan, options);
  return whole(builder, async () => {
    const wrap = await builder.filter(plan);
    const filter = async (app: PipelineMiddleware) => weaver.expose(await wrap([app])) as PipelineMiddleware;
    return Object.assign(filter, { dispose: () => builder.dispose() });
  });
}

/**
 * Load a server, to be given an app.
 *
 * @throws PipelineError
 */
export async function loadServer(uri: string, options: LoadOptions = {}): Promise<LoadedServer> {
  const { plan, session } = await validate('server', uri, options);
  const builder = new Builder(session, weaverFor(plan, options));
  sayNotes(plan, options);
  return whole(builder, async () => {
    const serve = await builder.server(plan);
    return Object.assign((app: PipelineMiddleware) => serve([app]), { dispose: () => builder.dispose() });
  });
}

/** The settings of an app's section. */
export interface AppConfig {
  /** Globals and local settings; these win. */
  readonly merged: Readonly<Record<string, string>>;
  readonly global: Readonly<Record<string, string>>;
  readonly local: Readonly<Record<string, string>>;
}

/**
 * The settings that an app would be called with. No module is imported, no factory called.
 *
 * @throws PipelineError
 */
export function appConfig(uri: string, options: LoadOptions = {}): AppConfig {
  const session = openSession(options);
  const context = loadContext(session, 'app', uri, uriOptions(options), {});
  session.stopIfWrong();
  return {
    merged: plain(new Map([...context.globalConf, ...context.localConf])),
    global: plain(context.globalConf),
    local: plain(context.localConf),
  };
}

function weaverFor(plan: Plan, options: LoadOptions) {
  const observers = options.observe === undefined ? plan.observers : [options.observe, ...plan.observers];
  const timing = typeof options.timing === 'function' ? options.timing() : (options.timing ?? false);
  return koaWeaver(timing || observers.length > 0 ? { timing, observers } : undefined, options.surround);
}

function sayNotes(plan: Plan, options: LoadOptions): void {
  const say = options.note ?? ((text: string) => process.emitWarning(text, 'PipelineNote'));
  for (const note of plan.notes) say(note);
}

/** Nothing stays half built. */
async function whole<T>(builder: Builder<Stack>, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    // The first error is the one to tell; what goes wrong while tidying up is a consequence.
    await builder.dispose().catch(() => undefined);
    throw error;
  }
}
