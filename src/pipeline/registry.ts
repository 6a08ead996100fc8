import type { Protocol, RegistryEntry } from './context.js';

/** What a registered factory makes; each kind is one of PasteDeploy's entry point groups. */
export type FactoryKind =
  | 'app'
  | 'composite'
  | 'composit'
  | 'filter'
  | 'filter_app'
  | 'server'
  | 'server_runner';

const protocols: Readonly<Record<FactoryKind, Protocol>> = {
  app: 'paste.app_factory',
  composite: 'paste.composite_factory',
  composit: 'paste.composit_factory',
  filter: 'paste.filter_factory',
  filter_app: 'paste.filter_app_factory',
  server: 'paste.server_factory',
  server_runner: 'paste.server_runner',
};

/** What can be said of a registered factory besides its name. */
export interface EntryOptions {
  /** Names of the form `module:attribute` by which `paste.*_factory` and `call:` find it too. */
  readonly aliases?: readonly string[];
  /** Said aloud when a file uses it: that it does nothing any more, for example. */
  readonly note?: string;
  /** The module behind it, for people; by default `built in`. */
  readonly module?: string;
}

/** The factory of an entry, or a promise of it, when it is first needed. */
export type EntryLoader = () => unknown;

/** A registered factory. */
export interface Entry extends RegistryEntry {
  readonly label: string;
  readonly module: string;
}

/** Names that are built into a program, so that files can use them as if they were installed packages. */
export interface Registry {
  /**
   * Register the entry point `egg:DISTRIBUTION#NAME`.
   *
   * @throws Error when the same entry point or alias is registered twice
   */
  add(distribution: string, name: string, kind: FactoryKind, load: EntryLoader, options?: EntryOptions): void;
  /** Register code that has no entry point, only names of the form `module:attribute`. */
  addObject(
    spec: string,
    kind: FactoryKind | 'any',
    load: EntryLoader,
    options?: Omit<EntryOptions, 'aliases'>,
  ): void;
  /** Is anything registered for the distribution? */
  has(distribution: string): boolean;
  /** The entries of that name, by protocol. */
  entries(distribution: string, name: string): ReadonlyMap<Protocol, Entry>;
  /** The entry of `module:attribute`, however it is spaced. */
  object(spec: string): Entry | undefined;
  /** Distributions, as they were written first. */
  distributions(): string[];
  /** Names of entry points of a distribution that make one of the given things. */
  names(distribution: string, wanted: readonly Protocol[]): string[];
  /** All names of the form `module:attribute`. */
  objects(): string[];
}

/** Distributions are the same when they differ in case or in the kind of their dashes, dots and underscores. */
export function normalisedDistribution(name: string): string {
  return name.replace(/[-_.]+/g, '_').toLowerCase();
}

/**
 * `module:attribute` without the blanks and the `[extras]` that entry point syntax allows.
 *
 * @returns undefined for what is no such name
 */
export function normalisedSpec(spec: string): string | undefined {
  const found =
    /^([\p{L}\p{N}_.]+)[^\S\ufeff]*(?::[^\S\ufeff]*([\p{L}\p{N}_.]+)[^\S\ufeff]*)?(?:\[.*\][^\S\ufeff]*)?$/u.exec(
      spec,
    );
  if (found === null) return undefined;
  const attributes = (found[2] ?? '').split('.').filter((part) => part !== '');
  return `${found[1]}:${attributes.join('.')}`;
}

/** An empty registry. */
export function emptyRegistry(): Registry {
  const distributions = new Map<string, { written: string; names: Map<string, Map<Protocol, Entry>> }>();
  const objects = new Map<string, Entry>();

  const addObject = (spec: string, entry: Entry): void => {
    const normalised = normalisedSpec(spec);
    if (normalised === undefined) throw new Error(`'${spec}' is not of the form module:attribute`);
    if (objects.has(normalised)) throw new Error(`'${spec}' is registered twice`);
    objects.set(normalised, entry);
  };

  return {
    add(distribution, name, kind, load, options = {}) {
      const label = `egg:${distribution}#${name}`;
      const key = normalisedDistribution(distribution);
      const known = distributions.get(key) ?? { written: distribution, names: new Map() };
      distributions.set(key, known);
      const entries = known.names.get(name) ?? new Map<Protocol, Entry>();
      known.names.set(name, entries);
      const protocol = protocols[kind];
      if (entries.has(protocol)) throw new Error(`${label} is registered twice as ${protocol}`);
      const entry: Entry = {
        label,
        protocol,
        load,
        note: options.note,
        module: options.module ?? 'built in',
      };
      entries.set(protocol, entry);
      for (const alias of options.aliases ?? []) addObject(alias, entry);
    },
    addObject(spec, kind, load, options = {}) {
      const protocol = kind === 'any' ? undefined : protocols[kind];
      addObject(spec, {
        label: spec,
        protocol,
        load,
        note: options.note,
        module: options.module ?? 'built in',
      });
    },
    has: (distribution) => distributions.has(normalisedDistribution(distribution)),
    entries: (distribution, name) =>
      distributions.get(normalisedDistribution(distribution))?.names.get(name) ?? new Map(),
    object(spec) {
      const normalised = normalisedSpec(spec);
      return normalised === undefined ? undefined : objects.get(normalised);
    },
    distributions: () => Array.from(distributions.values(), (known) => known.written),
    names(distribution, wanted) {
      const names =
        distributions.get(normalisedDistribution(distribution))?.names ?? new Map<string, never>();
      return [...names]
        .filter(([, entries]) => wanted.some((protocol) => entries.has(protocol)))
        .map(([name]) => name);
    },
    objects: () => [...objects.keys()],
  };
}
