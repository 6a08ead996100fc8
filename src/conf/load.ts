/** From files, environment and command line to the typed configuration, or to one error that names every problem. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { ConfigValue, OptionDeclaration, SectionDeclaration } from '../common/config/declaration.js';
import { ConfigError, ValueProblem } from '../common/config/errors.js';
import { type ConfigFile, normalizeSection } from '../common/config/file.js';
import {
  type ConfigSource,
  findInFolders,
  readSources,
  searchFolders,
  standardSources,
} from '../common/config/locations.js';
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
import { type Conf, ConfError, type LoadConfOptions, type LoadedConf, type StoredValue } from './types.js';

const PROJECT = 'keystone';
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

class Loaded implements LoadedConf {
  readonly conf: Conf;
  readonly files: readonly string[];
  readonly notes: readonly string[];
  readonly corsSections: ReadonlyMap<string, Conf['cors']>;
  readonly #sources: ConfigSources;
  readonly #resolver: ConfigResolver;
  readonly #folders: readonly string[];

  /** @throws ConfError */
  constructor(sources: ConfigSources, folders: readonly string[]) {
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
    this.notes = configurationNotes(
      registry,
      sources,
      resolved,
      (_section, name) => name === 'remote_id_attribute',
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

/**
 * The file sources that the environment names in the way of later releases, which had them there for mod_wsgi and
 * uwsgi: `OS_KEYSTONE_CONFIG_FILES` (with semicolons between them), beneath `OS_KEYSTONE_CONFIG_DIR`.
 */
function environmentSources(env: NodeJS.ProcessEnv): ConfigSource[] {
  const folder = env['OS_KEYSTONE_CONFIG_DIR']?.trim() ?? '';
  const files = (env['OS_KEYSTONE_CONFIG_FILES'] ?? '').split(';').map((file) => file.trim());
  const named = files.filter((file) => file !== '');
  const all = folder !== '' && named.length === 0 ? [`${PROJECT}.conf`] : named;
  return all.map((file) => ({ kind: 'file', path: resolve(absolutePath(folder, env), file) }));
}

/** The files and folders of the command line, and before them the standard ones of the kinds that it does not name. */
function allSources(options: LoadConfOptions, env: NodeJS.ProcessEnv): readonly ConfigSource[] {
  const named = options.sources ?? [
    ...(options.configFiles ?? []).map((path): ConfigSource => ({ kind: 'file', path })),
    ...(options.configDirs ?? []).map((path): ConfigSource => ({ kind: 'dir', path })),
  ];
  const standard = standardSources(PROJECT, env);
  const inEnvironment = environmentSources(env);
  if (inEnvironment.length > 0) {
    standard.file = inEnvironment;
  }
  const missing = (['file', 'dir'] as const).filter((kind) => !named.some((source) => source.kind === kind));
  return [...missing.flatMap((kind) => standard[kind]), ...named];
}

function orConfError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConfigError && !(error instanceof ConfError) ? new ConfError([error]) : error;
  }
}

/**
 * Load the configuration of the service.
 *
 * @throws ConfError when a file is missing or cannot be read, or a value is not allowed
 */
export function loadConf(options: LoadConfOptions = {}): LoadedConf {
  const env = options.env ?? process.env;
  return orConfError(() => {
    const sources = allSources(options, env);
    const files = readSources(sources, env);
    return new Loaded(
      { files, env, overrides: options.overrides ?? {} },
      searchFolders(sources, PROJECT, env),
    );
  });
}

/**
 * Load the file of one domain (`keystone.DOMAIN.conf` in `[identity] domain_config_dir`). What it does not set has
 * its default: neither the main files nor the environment, which speak for the whole service, have a part in it.
 *
 * @throws ConfError
 */
export function loadDomainConf(file: string): LoadedConf {
  return orConfError(() => {
    const sources: ConfigSource[] = [{ kind: 'file', path: file }];
    const files = readSources(sources, process.env);
    return new Loaded({ files, env: {}, overrides: {} }, searchFolders(sources, PROJECT, process.env));
  });
}

function storedText(value: StoredValue): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? value.map(storedText).join(',') : JSON.stringify(value);
  }
  return String(value);
}

/**
 * The configuration of one domain from what the domain configuration API stored, over the defaults.
 *
 * @param values section to option to value; null leaves the default
 * @throws ConfError
 */
export function domainConfOf(values: {
  readonly [section: string]: { readonly [option: string]: StoredValue };
}): LoadedConf {
  const overrides = Object.fromEntries(
    Object.entries(values).map(([section, options]) => [
      section,
      Object.fromEntries(
        Object.entries(options).flatMap(([name, value]) =>
          value === null ? [] : [[name, storedText(value)]],
        ),
      ),
    ]),
  );
  return orConfError(
    () => new Loaded({ files: [], env: {}, overrides }, searchFolders([], PROJECT, process.env)),
  );
}
