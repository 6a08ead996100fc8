import type { Site } from './errors.js';

/** Where a value was set. A value without a file was given by the caller or worked out (`here`, `__file__`). */
export interface Origin {
  readonly file?: string;
  readonly line?: number;
  readonly note?: 'caller' | 'computed';
}

/** One value of a configuration, and all the places that it was made from. */
export interface Setting {
  readonly value: string;
  readonly origin: Origin;
  /** The settings that `%(name)s` was replaced by. */
  readonly uses?: readonly Source[];
  /** The `get NAME = GLOBAL` that fetched the value, and the name of that global. */
  readonly via?: Source;
}

/** Another setting that a value comes from. */
export interface Source {
  readonly name: string;
  readonly origin: Origin;
}

/** A configuration in the order in which it was written. */
export type Conf = Map<string, Setting>;

/** What is looked for. Sections and entry points of other types are not even seen. */
export type ObjectType = 'app' | 'filter' | 'server';

/** How a factory is called; the names are those of PasteDeploy's entry point groups. */
export type Protocol =
  | 'paste.app_factory'
  | 'paste.composite_factory'
  | 'paste.composit_factory'
  | 'paste.filter_factory'
  | 'paste.filter_app_factory'
  | 'paste.server_factory'
  | 'paste.server_runner';

/** The protocols of a type. Those of one group are alternatives, the first found wins; two groups are ambiguous. */
export const protocolGroups: Readonly<Record<ObjectType, readonly (readonly Protocol[])[]>> = {
  app: [['paste.app_factory'], ['paste.composite_factory'], ['paste.composit_factory']],
  filter: [['paste.filter_factory', 'paste.filter_app_factory']],
  server: [['paste.server_factory', 'paste.server_runner']],
};

/** The prefixes of section names, grouped in the same way. */
export const sectionPrefixes: Readonly<Record<ObjectType, readonly (readonly string[])[]>> = {
  app: [['app', 'application'], ['composite', 'composit'], ['pipeline'], ['filter-app']],
  filter: [['filter']],
  server: [['server']],
};

/** A name that code is known by, resolved to where the code is. Nothing has been executed yet. */
export type Reference =
  | {
      readonly from: 'registry';
      readonly label: string;
      readonly entry: RegistryEntry;
      readonly module: string;
    }
  | {
      readonly from: 'module';
      readonly label: string;
      /** Absolute path of the module. */
      readonly module: string;
      /** The export, and the properties to follow from it. */
      readonly attributes: readonly string[];
    };

/** An entry of a registry; see registry.ts. */
export interface RegistryEntry {
  readonly protocol: Protocol | undefined;
  readonly load: () => unknown;
  readonly note: string | undefined;
}

/** A section that was gone through to find an object. */
export interface SectionRef {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

/** A step on the way to a context, to find circles. */
export interface Frame {
  /** Equal for two steps that must lead to the same place. */
  readonly state: string;
  readonly section: SectionRef;
}

/** Finds contexts by name, from the place where a name was used. */
export interface ContextSource {
  /**
   * @param name null asks for the object that has no name, or `main`
   * @param globalConf what `[DEFAULT]` of the file is overridden with
   * @param site where the name stands, for messages
   * @param ancestry the way that led here
   */
  getContext(
    objectType: ObjectType,
    name: string | null,
    globalConf: Conf | undefined,
    site: Site,
    ancestry: readonly Frame[],
  ): Context;
}

interface CommonContext {
  readonly objectType: ObjectType;
  /** The name that it was asked for by. `use` passes a context on under the name of the section that uses it. */
  asked: string;
  /** Where it was asked for. */
  site: Site;
  /** `[DEFAULT]`, the caller's globals and every `set`. */
  readonly globalConf: Conf;
  readonly localConf: Conf;
  /** Answers for the names that a composite asks for. `use` hands a context to the file that uses it. */
  source: ContextSource;
  /** The sections that were gone through, the one that was asked for first. */
  readonly trail: SectionRef[];
  readonly ancestry: readonly Frame[];
}

/** A factory to be called. */
export interface FactoryContext extends CommonContext {
  readonly type: 'factory';
  /** Unknown until a section says what a `call:` is. */
  protocol: Protocol | undefined;
  readonly reference: Reference;
  /** Where the reference is written. */
  readonly named: Site;
}

/** Filters around an app, the outermost first. */
export interface PipelineContext extends CommonContext {
  readonly type: 'pipeline';
  readonly filters: readonly Context[];
  readonly app: Context;
}

/** A filter around the next app. */
export interface FilterAppContext extends CommonContext {
  readonly type: 'filter-app';
  readonly filter: Context;
  readonly next: Context;
}

/** A filter around an app, or around another filter. */
export interface FilterWithContext extends CommonContext {
  readonly type: 'filter-with';
  readonly filter: Context;
  readonly next: Context;
}

/** A place holder for what could not be found, so that the rest of the file is looked at as well. */
export interface BrokenContext extends CommonContext {
  readonly type: 'broken';
}

/** A node of the pure tree: what a paste file means, before any code is touched. */
export type Context = FactoryContext | PipelineContext | FilterAppContext | FilterWithContext | BrokenContext;

/** The values alone, as factories get them. */
export function plain(conf: Conf): Record<string, string> {
  // fromEntries defines own properties, so that an option called __proto__ is one like any other.
  return Object.fromEntries(Array.from(conf, ([name, setting]) => [name, setting.value]));
}

/** The place of an option within a section. */
export function siteOfSetting(section: SectionRef, option: string, setting: Setting | undefined): Site {
  const origin = setting?.via?.origin ?? setting?.origin;
  return {
    file: origin?.file ?? section.file,
    line: origin?.line ?? section.line,
    section: section.name,
    option,
  };
}
