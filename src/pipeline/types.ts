import type Koa from 'koa';
import type { ErrorKind } from './errors.js';
import type { OptionSpecs, OptionValues } from './options.js';

/** A filter, or an app: a filter calls `next`, an app answers. */
export type PipelineMiddleware = Koa.Middleware;

/**
 * A middleware that holds something which must be let go: a timer, a watcher, a connection. `dispose` is called once,
 * when no request runs through it any more.
 */
export interface Disposable {
  dispose?(): void | Promise<void>;
}

/** What a factory gives: at once, or later. */
export type Made<T> = T | Promise<T>;

/** `[DEFAULT]`, the caller's globals and every `set` on the way. */
export type GlobalConf = Readonly<Record<string, string>>;

/** The settings of the section, as text. */
export type LocalConf = Readonly<Record<string, string>>;

/** `paste.filter_factory` */
export interface FilterFactory<Local = LocalConf> {
  (globalConf: GlobalConf, localConf: Local): Made<PipelineMiddleware & Disposable>;
  readonly meta?: FactoryMeta;
}

/** `paste.app_factory` */
export interface AppFactory<Local = LocalConf> {
  (globalConf: GlobalConf, localConf: Local): Made<PipelineMiddleware & Disposable>;
  readonly meta?: FactoryMeta;
}

/** `paste.filter_app_factory`: wraps the app by itself. */
export interface FilterAppFactory<Local = LocalConf> {
  (app: PipelineMiddleware, globalConf: GlobalConf, localConf: Local): Made<PipelineMiddleware & Disposable>;
  readonly meta?: FactoryMeta;
}

/** `paste.composite_factory`: builds an app from other objects of the file. */
export interface CompositeFactory {
  (
    loader: CompositeLoader,
    globalConf: GlobalConf,
    localConf: LocalConf,
  ): Made<PipelineMiddleware & Disposable>;
  readonly meta?: FactoryMeta;
}

/** Serves an app until the end. */
export type Server = (app: PipelineMiddleware) => unknown;

/** `paste.server_factory` */
export type ServerFactory = (globalConf: GlobalConf, localConf: LocalConf) => Made<Server>;

/** `paste.server_runner` */
export type ServerRunner = (app: PipelineMiddleware, globalConf: GlobalConf, localConf: LocalConf) => unknown;

/** Gives a composite the objects that it names. Without a globalConf they get that of their file alone. */
export interface CompositeLoader<App = PipelineMiddleware> {
  getApp(name?: string, globalConf?: GlobalConf): Promise<App>;
  getFilter(name?: string, globalConf?: GlobalConf): Promise<(app: App) => Promise<App>>;
  /** The composite's own settings in the order of the file, which an object with keys like `10` cannot keep. */
  settings(): readonly (readonly [name: string, value: string])[];
}

/** Puts something around a filter or an app. */
export type Surround = (middleware: PipelineMiddleware) => PipelineMiddleware;

/** What a factory says of itself, so that a wrong file is refused before anything is called. */
export interface FactoryMeta {
  /** All options that the section may set. Without this, any are passed on as text. */
  readonly options?: OptionSpecs;
  /** What must have been provided further out: by filters that a request passes earlier. */
  readonly requires?: readonly string[];
  /** What is there for everything further in. */
  readonly provides?: readonly string[];
  /** Of a composite: which objects it will ask its loader for. Without this, they are found only while building. */
  readonly parts?: (
    settings: readonly (readonly [name: string, value: string])[],
    globalConf: GlobalConf,
  ) => Iterable<Part | PartProblem>;
  /** Called with the time that each filter and app took. Makes the loader measure them. */
  readonly observe?: Observer;
}

/** An object that a composite will ask for. */
export interface Part {
  /** The setting that says so. */
  readonly setting: string;
  /** The app's name. */
  readonly app: string;
  /** How a request gets there, for people. */
  readonly label: string;
  /** How a request gets there, for `route`. */
  readonly route?: PartRoute;
}

/** The branch of a request: below a URL, or when nothing else matches, or when those before it had no answer. */
export type PartRoute =
  | { readonly kind: 'mount'; readonly domain: string | undefined; readonly path: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'try' };

/** A setting of a composite that is wrong. */
export interface PartProblem {
  readonly setting: string;
  readonly kind: ErrorKind;
  readonly text: string;
}

/**
 * Is told how long a filter or an app worked on a request itself, without what it called in turn.
 *
 * @param name of the section, such as `cors`
 * @param kind which of the two
 * @param seconds wall-clock time
 */
export type Observer = (name: string, kind: 'filter' | 'app', seconds: number) => void;

/** What `defineFilter` and `defineApp` are told of a factory. */
export interface Definition<Specs extends OptionSpecs> extends Omit<FactoryMeta, 'options' | 'parts'> {
  readonly options?: Specs;
}

/** Make a filter factory whose options are checked and typed: `insecure = False` arrives as `false`. */
export function defineFilter<const Specs extends OptionSpecs>(
  definition: Definition<Specs>,
  factory: (globalConf: GlobalConf, options: OptionValues<Specs>) => Made<PipelineMiddleware & Disposable>,
): FilterFactory<OptionValues<Specs>> {
  return Object.assign(factory.bind(undefined), { meta: definition });
}

/** Make an app factory whose options are checked and typed. */
export function defineApp<const Specs extends OptionSpecs>(
  definition: Definition<Specs>,
  factory: (globalConf: GlobalConf, options: OptionValues<Specs>) => Made<PipelineMiddleware & Disposable>,
): AppFactory<OptionValues<Specs>> {
  return Object.assign(factory.bind(undefined), { meta: definition });
}
