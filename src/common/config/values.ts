/**
 * From the text of a value to the value, by the type of its option. The rules are those of oslo.config 9: blank
 * numbers are "not set", a list drops its last commas, an item that its type refuses is tried again together with
 * the next one (so that items may hold commas).
 */
import type {
  ConfigValue,
  ItemDeclaration,
  OptionDeclaration,
  ScalarKind,
  ValueRules,
} from './declaration.js';
import { ValueProblem } from './errors.js';
import { readAddress, readHost, readHostName, readUri } from './hosts.js';
import { readFloat, readInteger } from './numbers.js';
import { strip } from './text.js';

const TRUE_WORDS = ['true', '1', 'on', 'yes'];
const FALSE_WORDS = ['false', '0', 'off', 'no'];
const MAX_PORT = 65535;

function checkLength(text: string, { maxLength = 0 }: ValueRules): void {
  if (maxLength > 0 && Array.from(text).length > maxLength) {
    throw new ValueProblem(`at most ${maxLength} characters are allowed`);
  }
}

function readText(text: string, rules: ValueRules): string {
  let value = text;
  const quote = value.charAt(0);
  if (rules.quotes === true && (quote === '"' || quote === "'")) {
    if (value.length === 1 || !value.endsWith(quote)) {
      throw new ValueProblem('the quote at its begin has no counterpart at its end');
    }
    value = value.slice(1, -1);
  }
  checkLength(value, rules);
  if (
    rules.regex !== undefined &&
    !new RegExp(rules.regex, rules.ignoreCase === true ? 'i' : '').test(value)
  ) {
    throw new ValueProblem(`it must match the regular expression ${rules.regex}`);
  }
  if (rules.choices !== undefined) {
    const fold = (word: string): string => (rules.ignoreCase === true ? word.toLowerCase() : word);
    if (!rules.choices.some((choice) => fold(String(choice)) === fold(value))) {
      throw new ValueProblem(`allowed are ${rules.choices.join(', ')}`);
    }
  }
  return value;
}

function readBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) {
    return true;
  }
  if (FALSE_WORDS.includes(word)) {
    return false;
  }
  throw new ValueProblem(`allowed are ${TRUE_WORDS.join(', ')} and ${FALSE_WORDS.join(', ')}`);
}

/** The bounds in force: a port has some of its own. */
export function boundsOf(type: string, { min, max }: ValueRules): { min: number | null; max: number | null } {
  const isPort = type === 'port';
  return { min: min ?? (isPort ? 0 : null), max: max ?? (isPort ? MAX_PORT : null) };
}

function checkNumber(value: number, type: ScalarKind, rules: ValueRules): number {
  if (rules.choices !== undefined) {
    if (!rules.choices.includes(value)) {
      throw new ValueProblem(`allowed are ${rules.choices.join(', ')}`);
    }
    return value;
  }
  const { min, max } = boundsOf(type, rules);
  if ((min !== null && value < min) || (max !== null && value > max)) {
    const range = max === null ? `at least ${min}` : min === null ? `at most ${max}` : `${min} to ${max}`;
    throw new ValueProblem(`allowed is ${range}`);
  }
  return value;
}

function readNumber(text: string, type: 'int' | 'float' | 'port', rules: ValueRules): number | null {
  if (strip(text) === '') {
    return null;
  }
  return checkNumber(type === 'float' ? readFloat(text) : readInteger(text), type, rules);
}

type Scalar = string | number | boolean | null;

const READERS: { readonly [K in ScalarKind]: (text: string, rules: ValueRules) => Scalar } = {
  str: readText,
  bool: readBoolean,
  int: (text, rules) => readNumber(text, 'int', rules),
  float: (text, rules) => readNumber(text, 'float', rules),
  port: (text, rules) => readNumber(text, 'port', rules),
  uri: (text, rules) => {
    checkLength(text, rules);
    return readUri(text, rules.schemes);
  },
  ip: (text, { version }) => readAddress(text, version),
  hostname: readHostName,
  host_address: (text, { version }) => readHost(text, version, false),
  host_domain: (text, { version }) => readHost(text, version, true),
};

/**
 * Read one value of a scalar type.
 *
 * @throws ValueProblem what would be allowed; the text itself is not repeated
 */
export function readScalar(text: string, { type, ...rules }: ItemDeclaration): Scalar {
  return READERS[type](text, rules);
}

function unwrap(text: string, open: string, close: string): string {
  if (!text.startsWith(open) || !text.endsWith(close)) {
    throw new ValueProblem(`it must stand between ${open} and ${close}`);
  }
  return text.slice(1, -1);
}

/** Read the first of the parts that remain, with as many of the next ones as it takes to be a valid item. */
function readNext<T>(parts: string[], read: (part: string) => T): T {
  let part = parts.shift() ?? '';
  for (;;) {
    try {
      return read(part);
    } catch (error) {
      const next = parts.shift();
      if (next === undefined) {
        throw error;
      }
      part += `,${next}`;
    }
  }
}

const TEXT_ITEM: ItemDeclaration = { type: 'str' };

function readList(text: string, bounds: boolean, item: ItemDeclaration): ConfigValue[] {
  const stripped = strip(text).replace(/,+$/, '');
  const body = bounds ? unwrap(stripped, '[', ']') : stripped;
  const items: ConfigValue[] = [];
  const parts = body === '' ? [] : body.split(',');
  while (parts.length > 0) {
    items.push(readNext(parts, (part) => readScalar(strip(part), item)));
  }
  return items;
}

function readDict(
  text: string,
  bounds: boolean,
  item: ItemDeclaration,
): { readonly [key: string]: ConfigValue } {
  const stripped = strip(text);
  const body = bounds ? unwrap(stripped, '{', '}') : stripped;
  const entries = new Map<string, ConfigValue>();
  const parts = body === '' ? [] : body.split(',');
  while (parts.length > 0) {
    const [key, value] = readNext(parts, (part): [string, ConfigValue] => {
      const colon = part.indexOf(':');
      if (colon < 0) {
        throw new ValueProblem('NAME:VALUE pairs with commas between them are needed');
      }
      return [strip(part.slice(0, colon)), readScalar(strip(part.slice(colon + 1)), item)];
    });
    if (key === '') {
      throw new ValueProblem('every pair needs a name before its colon');
    }
    if (entries.has(key)) {
      throw new ValueProblem('a name may stand in it only once');
    }
    entries.set(key, value);
  }
  // Unlike assignment, fromEntries takes a key `__proto__` for a key like any other.
  return Object.fromEntries(entries);
}

/**
 * Read a value of an option; of a `multi` option one of its values.
 *
 * @throws ValueProblem
 */
export function readValue(
  text: string,
  declaration: Pick<OptionDeclaration, 'type' | 'item' | keyof ValueRules>,
): ConfigValue {
  const { type, item = TEXT_ITEM, bounds = false, ...rules } = declaration;
  switch (type) {
    case 'list':
      return readList(text, bounds, item);
    case 'dict':
      return readDict(text, bounds, item);
    case 'multi':
      return readScalar(text, item);
    default:
      return readScalar(text, { ...rules, type });
  }
}

/** What an option allows, in a few words for messages, the sample file and documents. Empty when anything goes. */
export function allowedText(declaration: OptionDeclaration): string {
  if (declaration.choices !== undefined) {
    return declaration.choices.join(', ');
  }
  const { min, max } = boundsOf(declaration.type, declaration);
  if (min === null && max === null) {
    return '';
  }
  return max === null ? `at least ${min}` : min === null ? `at most ${max}` : `${min} to ${max}`;
}
