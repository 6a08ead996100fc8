/** The declared options by section, checked for sense when they are registered. */
import type { ConfigValue, ItemDeclaration, OptionDeclaration } from './declaration.js';
import { ConfigError, ValueProblem } from './errors.js';
import { normalizeSection } from './file.js';
import { valueText } from './text.js';
import { boundsOf, readScalar, readValue } from './values.js';

/** A place where the value of an option may stand in a file. */
export interface OptionName {
  readonly section: string;
  readonly name: string;
}

export interface RegisteredOption extends OptionName {
  readonly declaration: OptionDeclaration;
  /** The current name first, then the former and the later ones, in the order in which a file is searched. */
  readonly names: readonly OptionName[];
}

/** Hyphens of a declared name are underscores wherever the option is used or set. */
function plainName(name: string): string {
  return name.replaceAll('-', '_');
}

function namesOf(
  section: string,
  name: string,
  { formerNames = [], laterNames = [] }: OptionDeclaration,
): OptionName[] {
  const own = { section: normalizeSection(section), name };
  const former = formerNames.map((place) => ({
    section: normalizeSection(place.group ?? section),
    name: place.name ?? name,
  }));
  // A former name with hyphens is found as it was written as well as with underscores.
  const variants = former.filter((place) => place.name.includes('-'));
  return [
    own,
    ...former,
    ...variants.map((place) => ({ ...place, name: plainName(place.name) })),
    ...laterNames.map((later) => ({ ...own, name: later })),
  ];
}

/** Whether a default is text that names other options, so that it cannot be checked before they have values. */
function isReference(value: ConfigValue): boolean {
  return typeof value === 'string' && value.replaceAll('\\$', '').replaceAll('$$', '').includes('$');
}

function checkRules(declaration: OptionDeclaration): void {
  const { type, choices, regex } = declaration;
  const { min, max } = boundsOf(type, declaration);
  const refuse = (why: string): never => {
    throw new ValueProblem(why);
  };
  if (min !== null && max !== null && min > max) {
    refuse('the lower bound is above the upper one');
  }
  if (type === 'port' && ((min ?? 0) < 0 || (max ?? 0) > 65535)) {
    refuse('the bounds of a port lie within 0 and 65535');
  }
  if (choices !== undefined && type !== 'str' && type !== 'port') {
    refuse('only texts and ports have choices');
  }
  if (choices !== undefined && regex !== undefined) {
    refuse('it has both choices and a regular expression');
  }
  if (
    type === 'port' &&
    choices?.some((choice) => Number(choice) < (min ?? 0) || Number(choice) > (max ?? 65535))
  ) {
    refuse('a choice lies outside the bounds');
  }
}

const TEXT_ITEM: ItemDeclaration = { type: 'str' };
const NUMERIC = new Set(['int', 'float', 'port']);

function scalarText(value: ConfigValue): string {
  return valueText(value, false);
}

/**
 * The value of a default as it is declared: text is read like text of a file, what already has the right form is
 * only checked.
 *
 * @param resolve replaces the references in a text
 */
export function defaultValue(declaration: OptionDeclaration, resolve: (text: string) => string): ConfigValue {
  const { type, item = TEXT_ITEM, default: value } = declaration;
  if (value === null) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map((entry: ConfigValue) => readScalar(resolve(scalarText(entry)), item));
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value as { readonly [key: string]: ConfigValue });
    return Object.fromEntries(
      entries.map(([key, entry]) => [resolve(key), typeof entry === 'string' ? resolve(entry) : entry]),
    );
  }
  if (typeof value === 'string') {
    return readValue(resolve(value), declaration);
  }
  const fits =
    typeof value === 'boolean' ? type === 'bool' || type === 'str' : NUMERIC.has(type) || type === 'str';
  if (!fits) {
    throw new ValueProblem(`a ${typeof value} is no value of the type ${type}`);
  }
  return readValue(scalarText(value), declaration);
}

function checkDefault(declaration: OptionDeclaration): void {
  const { type, item = TEXT_ITEM, default: value } = declaration;
  if (value === null || isReference(value)) {
    return;
  }
  // As in oslo.config, whose check reads the whole list as one item.
  if (type === 'multi' && NUMERIC.has(item.type)) {
    throw new ValueProblem('repeated numbers have no default');
  }
  defaultValue(declaration, (text) => text);
}

function sameDeclaration(one: OptionDeclaration, other: OptionDeclaration): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

export class OptionRegistry {
  readonly #sections = new Map<string, Map<string, RegisteredOption>>([['DEFAULT', new Map()]]);
  readonly #formerNames = new Map<string, RegisteredOption>();

  /**
   * Add an option. Adding the same declaration again changes nothing.
   *
   * @throws ConfigError `declaration` when it contradicts itself, its default or an option of that name
   */
  register(section: string, name: string, declaration: OptionDeclaration): RegisteredOption {
    const place = { section, option: name };
    const refuse = (why: string): never => {
      throw new ConfigError('declaration', `option "${name}" of section [${section}]: ${why}`, place);
    };
    if (name === '' || name.startsWith('_')) {
      refuse('an option needs a name that does not begin with an underscore');
    }
    try {
      checkRules(declaration);
      checkDefault(declaration);
    } catch (error) {
      if (error instanceof ValueProblem) {
        refuse(error.message);
      }
      throw error;
    }
    const options = this.#sections.get(section) ?? new Map<string, RegisteredOption>();
    const plain = plainName(name);
    const known = options.get(plain);
    if (known !== undefined) {
      return sameDeclaration(known.declaration, declaration) ? known : refuse('it is declared twice');
    }
    const option: RegisteredOption = {
      section,
      name: plain,
      declaration,
      names: namesOf(section, plain, declaration),
    };
    this.#sections.set(section, options.set(plain, option));
    // References may use a former name; one without a section of its own is looked for in DEFAULT.
    for (const former of declaration.formerNames ?? []) {
      this.#formerNames.set(`${former.group ?? 'DEFAULT'}\n${plainName(former.name ?? plain)}`, option);
    }
    return option;
  }

  sections(): readonly string[] {
    return [...this.#sections.keys()];
  }

  /** The options of a section, in the order of their declaration. */
  options(section: string): readonly RegisteredOption[] {
    return [...(this.#sections.get(section)?.values() ?? [])];
  }

  /** The option of this name in this section, or the one that had it formerly. */
  find(section: string, name: string): RegisteredOption | null {
    return this.#sections.get(section)?.get(name) ?? this.#formerNames.get(`${section}\n${name}`) ?? null;
  }
}
