/** The typed configuration out of its sources, or one error that names every problem. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ConfigValue, OptionDeclaration, SectionDeclaration } from '../common/config/declaration.js';
import { ConfigError, ValueProblem } from '../common/config/errors.js';
import { type ConfigFile, normalizeSection } from '../common/config/file.js';
import { findInFolders } from '../common/config/locations.js';
import { OptionRegistry, type RegisteredOption } from '../common/config/registry.js';
import {
  ConfigResolver,
  type ConfigSources,
  type Overrides,
  type ResolvedOption,
} from '../common/config/resolver.js';
import { VALUE_CHECKS } from './checks.js';
import { configurationNotes } from './notes.js';
import { SECTIONS } from './sections/index.js';
import { type Conf, ConfError, type LoadedConf, type Setting } from './types.js';

const CORS_FAMILY = /^cors\../;

/** An authentication method may have an option of its name in [auth], and a protocol a section of its name. */
const METHOD_PLUGIN: OptionDeclaration = {
  type: 'str',
  default: null,
  help: 'Plugin of an authentication method.',
};

function sectionNames(files: readonly ConfigFile[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => [...file.sectionLines.keys()]));
}

function buildRegistry(files: readonly ConfigFile[]): OptionRegistry {
  const registry = new OptionRegistry();
  const add = (section: string, { options }: SectionDeclaration): void => {
    for (const [name, declaration] of Object.entries(options)) {
      registry.register(section, name, declaration);
    }
  };
  for (const [section, declaration] of Object.entries(SECTIONS)) {
    add(section, declaration);
  }
  for (const section of sectionNames(files)) {
    if (CORS_FAMILY.test(section)) {
      add(section, SECTIONS.cors);
    }
  }
  return registry;
}

/** Add the options that [auth] has because a method of that name is in `methods`. */
function registerMethods(registry: OptionRegistry, resolver: ConfigResolver): void {
  const { value } = resolver.get('auth', 'methods');
  for (const method of Array.isArray(value) ? value : []) {
    const name = String(method);
    if (/^[a-z0-9]\w*$/i.test(name) && registry.find('auth', name) === null) {
      registry.register('auth', name, METHOD_PLUGIN);
    }
  }
}

function collect<T>(problems: ConfigError[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    // One wrong value can spoil several options that refer to it; it is reported once.
    if (!problems.some(({ message }) => message === error.message)) {
      problems.push(error);
    }
    return undefined;
  }
}

function stopOn(problems: readonly ConfigError[]): void {
  const [first, ...others] = problems;
  if (first !== undefined) {
    throw new ConfError([first, ...others]);
  }
}

function checkOverrides(registry: OptionRegistry, overrides: Overrides): void {
  for (const [section, options] of Object.entries(overrides)) {
    for (const option of Object.keys(options)) {
      if (registry.find(section, option) === null) {
        throw new ConfigError('undeclared', `there is no option "${option}" in section [${section}]`, {
          section,
          option,
        });
      }
    }
  }
}

function freezeDeep(value: ConfigValue): ConfigValue {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freezeDeep);
    Object.freeze(value);
  }
  return value;
}

function sectionValues(
  registry: OptionRegistry,
  resolved: ReadonlyMap<RegisteredOption, ResolvedOption>,
  section: string,
): { readonly [option: string]: ConfigValue } {
  const entries = registry
    .options(section)
    .map((option) => [option.name, freezeDeep(resolved.get(option)?.value ?? null)] as const);
  return Object.freeze(Object.fromEntries(entries));
}

/** Checks that need more than the type of an option. @throws ValueProblem */
function checkValue({ section, name, declaration }: RegisteredOption, { value }: ResolvedOption): void {
  // A blank number is "not set" in the file format; where the service needs one it is a mistake.
  if (value === null && declaration.default !== null) {
    throw new ValueProblem('a number is needed');
  }
  if (value === '<None>') {
    throw new ValueProblem('in the sample file this only says that the option is not set; take the line out');
  }
  VALUE_CHECKS.find((entry) => entry.section === section && entry.option === name)?.check(value);
}

function resolveAll(
  registry: OptionRegistry,
  resolver: ConfigResolver,
  problems: ConfigError[],
): ReadonlyMap<RegisteredOption, ResolvedOption> {
  const resolved = new Map<RegisteredOption, ResolvedOption>();
  for (const option of registry.sections().flatMap((section) => registry.options(section))) {
    const value = collect(problems, () => resolver.resolve(option));
    if (value !== undefined) {
      resolved.set(option, value);
    }
  }
  return resolved;
}

export class Loaded implements LoadedConf {
  readonly conf: Conf;
  readonly files: readonly string[];
  readonly notes: readonly string[];
  readonly ignored: readonly string[];
  readonly settings: readonly Setting[];
  readonly corsSections: ReadonlyMap<string, Conf['cors']>;
  readonly #sources: ConfigSources;
  readonly #resolver: ConfigResolver;
  readonly #folders: readonly string[];

  /**
   * @param folders where other files are looked for
   * @param notes stand before those on single options
   * @throws ConfError
   */
  constructor(sources: ConfigSources, folders: readonly string[], notes: readonly string[] = []) {
    const registry = buildRegistry(sources.files);
    const resolver = new ConfigResolver(registry, sources, checkValue);
    const problems: ConfigError[] = [];
    collect(problems, () => checkOverrides(registry, sources.overrides));
    collect(problems, () => registerMethods(registry, resolver));
    const resolved = resolveAll(registry, resolver, problems);
    if (problems.length === 0) {
      collect(problems, () => resolver.checkRequired());
    }
    stopOn(problems);
    const values = (section: string): unknown => sectionValues(registry, resolved, section);
    // The declarations are both what the values were read by and what the types are derived from.
    this.conf = Object.freeze(
      Object.fromEntries(Object.keys(SECTIONS).map((name) => [name, values(name)])),
    ) as Conf;
    this.corsSections = new Map(
      [...sectionNames(sources.files)]
        .filter((name) => CORS_FAMILY.test(name))
        .map((name) => [name, values(name) as Conf['cors']]),
    );
    this.files = sources.files.map(({ path }) => path);
    // Protocols and identity providers have sections of their own names with this one option.
    const isFree = (_section: string, name: string): boolean => name === 'remote_id_attribute';
    const { others, ignored } = configurationNotes(registry, sources, resolved, isFree);
    this.ignored = ignored;
    this.notes = [...notes, ...others, ...ignored];
    this.settings = [...resolved].flatMap(([{ section, name, declaration }, { value, origin }]) =>
      origin === 'default' || declaration.inert !== undefined
        ? []
        : [{ section, name, origin, value: declaration.secret === true ? null : value }],
    );
    this.#sources = sources;
    this.#resolver = resolver;
    this.#folders = folders;
  }

  origin(section: string, option: string): ResolvedOption['origin'] {
    return this.#resolver.get(section, option).origin;
  }

  findFile(name: string): string | null {
    return isAbsolute(name) ? (existsSync(name) ? name : null) : findInFolders(this.#folders, name);
  }

  section(name: string): ReadonlyMap<string, string> {
    const section = normalizeSection(name);
    const texts = new Map<string, string>();
    for (const file of this.#sources.files) {
      for (const [option, values] of file.sections.get(section) ?? []) {
        texts.set(option, values.at(-1)?.text ?? '');
      }
    }
    return texts;
  }
}

/** Give every mistake in the configuration the one form that callers know. */
export function orConfError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConfigError && !(error instanceof ConfError) ? new ConfError([error]) : error;
  }
}
