/**
 * The value of an option out of everything that may set it: arguments of the command line before the environment
 * (`OS_<SECTION>__<OPTION>`) before the files, of which a later one goes before an earlier one, before the default.
 * `$name`, `${name}` and `${section.name}` in any of them stand for the value of another option.
 */
import type { ConfigValue } from './declaration.js';
import { ConfigError, type ConfigPlace, placeText, ReferenceProblem, ValueProblem } from './errors.js';
import type { ConfigFile, FileValue } from './file.js';
import { defaultValue, type OptionName, type OptionRegistry, type RegisteredOption } from './registry.js';
import { valueText } from './text.js';
import { readValue } from './values.js';

/** Section to option to its value, or values for an option that may be repeated. */
export type Overrides = {
  readonly [section: string]: { readonly [option: string]: string | readonly string[] };
};

export interface ConfigSources {
  /** The lowest precedence first. */
  readonly files: readonly ConfigFile[];
  readonly env: NodeJS.ProcessEnv;
  /** What the command line says. */
  readonly overrides: Overrides;
}

/** Where a value came from: a line of a file, or one of the other sources. */
export type Origin = { readonly file: string; readonly line: number } | 'default' | 'env' | 'override';

export interface ResolvedOption {
  readonly value: ConfigValue;
  readonly origin: Origin;
  /** The former (or later) name under which the value was found; null when it was the option's own. */
  readonly foundAs: OptionName | null;
}

/** The texts that set an option, and where the last of them stands. */
interface Setting {
  readonly texts: readonly string[];
  readonly origin: Origin;
  readonly foundAs: OptionName | null;
}

/** The variable of the environment that sets an option. */
export function environmentName(section: string, name: string): string {
  return `OS_${section.toUpperCase()}__${name.toUpperCase()}`;
}

export type ValueChecker = (option: RegisteredOption, resolved: ResolvedOption) => void;

const REFERENCE = /\$(?:(\$)|([_a-z][._a-z0-9]*)|\{([_a-z][._a-z0-9]*)\})/gi;

export class ConfigResolver {
  readonly #registry: OptionRegistry;
  readonly #sources: ConfigSources;
  readonly #check: ValueChecker;
  readonly #resolved = new Map<RegisteredOption, ResolvedOption>();
  /** The options whose values are being worked out, to notice when one needs itself. */
  readonly #pending = new Set<RegisteredOption>();

  /** @param check refuses a value that its type allows, by throwing a ValueProblem */
  constructor(registry: OptionRegistry, sources: ConfigSources, check: ValueChecker = () => {}) {
    this.#registry = registry;
    this.#sources = sources;
    this.#check = check;
  }

  /**
   * The value of an option.
   *
   * @throws ConfigError `value` or `reference` with the file and the line, `undeclared`
   */
  get(section: string, name: string): ResolvedOption {
    const option = this.#registry.find(section, name);
    if (option === null) {
      throw new ConfigError('undeclared', `there is no option "${name}" in section [${section}]`, {
        section,
        option: name,
      });
    }
    return this.resolve(option);
  }

  /** The value of a registered option. @throws ConfigError like `get` */
  resolve(option: RegisteredOption): ResolvedOption {
    const known = this.#resolved.get(option);
    if (known !== undefined) {
      return known;
    }
    if (this.#pending.has(option)) {
      throw new ReferenceProblem(
        `the references lead back to option "${option.name}" of section [${option.section}]`,
      );
    }
    this.#pending.add(option);
    const setting = this.#setting(option);
    try {
      const resolved = this.#read(option, setting);
      this.#check(option, resolved);
      this.#resolved.set(option, resolved);
      return resolved;
    } catch (error) {
      throw error instanceof ValueProblem ? refusal(option, setting, error) : error;
    } finally {
      this.#pending.delete(option);
    }
  }

  /**
   * See that every required option is set, if only to nothing.
   *
   * @throws ConfigError `required`
   */
  checkRequired(): void {
    for (const option of this.#registry.sections().flatMap((name) => this.#registry.options(name))) {
      const { section, name, declaration } = option;
      if (declaration.required === true && this.resolve(option).value === null) {
        const why = `option "${name}" of section [${section}] needs a value`;
        throw new ConfigError('required', why, { section, option: name });
      }
    }
  }

  /** Replace the references in a text of a section. `$$` and `\$` stand for a dollar sign. */
  #substitute(text: string, section: string): string {
    return text
      .replaceAll('\\$', () => '$$')
      .replace(REFERENCE, (_whole, dollar?: string, plain?: string, braced?: string) =>
        dollar === undefined ? this.#referenced(plain ?? braced ?? '', section) : '$',
      );
  }

  #referenced(key: string, section: string): string {
    const dot = key.indexOf('.');
    const [inSection, name] = dot < 0 ? [section, key] : [key.slice(0, dot), key.slice(dot + 1)];
    // In a reference DEFAULT is no name of a section, as in oslo.config: its options are found by their names alone.
    if (dot >= 0 && inSection === 'DEFAULT') {
      throw new ReferenceProblem('options of [DEFAULT] are referred to by their names alone');
    }
    const option = this.#registry.find(inSection, name) ?? this.#registry.find('DEFAULT', key);
    if (option === null) {
      throw new ReferenceProblem(
        'a "$" in it refers to an option that does not exist; "$$" is a dollar sign',
      );
    }
    const { type, item } = option.declaration;
    return valueText(this.resolve(option).value, type === 'float' || item?.type === 'float');
  }

  #read(option: RegisteredOption, setting: Setting | null): ResolvedOption {
    const { declaration, section } = option;
    const resolve = (text: string): string => this.#substitute(text, section);
    if (setting === null) {
      return { value: defaultValue(declaration, resolve), origin: 'default', foundAs: null };
    }
    const { origin, foundAs } = setting;
    try {
      const values = setting.texts.map((text) => readValue(resolve(text), declaration));
      return { value: declaration.type === 'multi' ? values : (values.at(-1) ?? null), origin, foundAs };
    } catch (error) {
      // Nothing depends on an option without effect: other releases may allow more for it than is known here.
      if (declaration.inert !== undefined && error instanceof ValueProblem) {
        return { value: defaultValue(declaration, resolve), origin, foundAs };
      }
      throw error;
    }
  }

  #setting(option: RegisteredOption): Setting | null {
    const { section, name, declaration } = option;
    const isMulti = declaration.type === 'multi';
    const inFiles = isMulti ? this.#allInFiles(option) : this.#lastInFiles(option);
    const argument = own(own(this.#sources.overrides, section), name);
    if (argument !== undefined) {
      const texts = typeof argument === 'string' ? [argument] : argument;
      // What may be repeated adds up over files and arguments.
      return {
        texts: isMulti ? [...(inFiles?.texts ?? []), ...texts] : texts,
        origin: 'override',
        foundAs: null,
      };
    }
    const variable = this.#sources.env[environmentName(section, name)];
    if (variable !== undefined) {
      return { texts: isMulti ? variable.split('\n') : [variable], origin: 'env', foundAs: null };
    }
    return inFiles;
  }

  #lastInFiles({ names }: RegisteredOption): Setting | null {
    for (const file of this.#sources.files.toReversed()) {
      for (const [index, name] of names.entries()) {
        const value = file.sections.get(name.section)?.get(name.name)?.at(-1);
        if (value !== undefined) {
          return setting([value], file, index === 0 ? null : name);
        }
      }
    }
    return null;
  }

  #allInFiles({ names }: RegisteredOption): Setting | null {
    const settings = this.#sources.files.flatMap((file) =>
      // Within one file, what stands under a former name comes before what stands under the present one.
      [...names.entries()].toReversed().flatMap(([index, name]) => {
        const values = file.sections.get(name.section)?.get(name.name) ?? [];
        return values.length === 0 ? [] : [setting(values, file, index === 0 ? null : name)];
      }),
    );
    const last = settings.at(-1);
    return last === undefined ? null : { ...last, texts: settings.flatMap(({ texts }) => texts) };
  }
}

function own<T>(record: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function setting(values: readonly FileValue[], file: ConfigFile, foundAs: OptionName | null): Setting {
  const origin = { file: file.path, line: values.at(-1)?.line ?? 0 };
  return { texts: values.map(({ text }) => text), origin, foundAs };
}

/** The one error that an operator gets for a value: where it stands, what it is and what would be allowed. */
function refusal(
  { section, name, declaration }: RegisteredOption,
  from: Setting | null,
  why: ValueProblem,
): ConfigError {
  const origin = from?.origin ?? 'default';
  const place: ConfigPlace = { ...(typeof origin === 'object' ? origin : {}), section, option: name };
  const source =
    typeof origin === 'object'
      ? `${placeText(place)}: `
      : {
          default: '',
          env: `environment variable ${environmentName(section, name)}: `,
          override: 'command line: ',
        }[origin];
  const shown = from?.texts.at(-1);
  const value =
    shown === undefined
      ? 'has an impossible default'
      : declaration.secret === true
        ? 'has a wrong value'
        : `cannot be ${quote(shown)}`;
  const problem = why instanceof ReferenceProblem ? 'reference' : 'value';
  return new ConfigError(
    problem,
    `${source}option "${name}" of section [${section}] ${value}: ${why.message}`,
    place,
  );
}

const SHOWN_LENGTH = 120;

function quote(text: string): string {
  const value = JSON.stringify(text);
  return value.length <= SHOWN_LENGTH ? value : `${value.slice(0, SHOWN_LENGTH)}…`;
}
