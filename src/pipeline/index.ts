/**
 * PasteDeploy for Koa: apps, filters and pipelines that are put together by an ini file.
 *
 * Grammar and semantics: paste/README.md. Writing filters: docs/filters.md.
 */
export {
  type AppConfig,
  appConfig,
  type LoadedApp,
  type LoadedFilter,
  type LoadedServer,
  loadApp,
  loadFilter,
  loadServer,
} from './api.js';
export { asbool, asint, aslist, ConversionError } from './converters.js';
export { after, atLast, DONE, promised } from './done.js';
export {
  describeProblem,
  type ErrorKind,
  errorKinds,
  PipelineError,
  type Problem,
  type Site,
} from './errors.js';
export {
  type Branch,
  type Component,
  explainApp,
  explainFile,
  type PartView,
  type Place,
  type SettingView,
} from './explain.js';
export type { LoadOptions } from './load_options.js';
export type { OptionSpec, OptionSpecs, OptionValue, OptionValues } from './options.js';
export type { EntryLoader, EntryOptions, FactoryKind, Registry } from './registry.js';
export {
  loadReloadable,
  type Refusal,
  type ReloadableApp,
  type ReloadableOptions,
  type ReloadEvent,
  type ReloadStatus,
} from './reload.js';
export { type RenderOptions, renderJson, renderMermaid, renderRoute, renderText } from './render.js';
export { defaultAllowedModules } from './resolver.js';
export { type Route, type RouteRequest, routeOf } from './route.js';
export { createRegistry } from './stock.js';
export {
  type AppFactory,
  type CompositeFactory,
  type CompositeLoader,
  type Disposable,
  defineApp,
  defineFilter,
  type FactoryMeta,
  type FilterAppFactory,
  type FilterFactory,
  type GlobalConf,
  type LocalConf,
  type Made,
  type Observer,
  type Part,
  type PartProblem,
  type PipelineMiddleware,
  type Server,
  type ServerFactory,
  type ServerRunner,
  type Surround,
} from './types.js';
export { configUri } from './uri.js';
export { checkFile, type FileCheck } from './validate.js';
export { passOn } from './weave.js';
