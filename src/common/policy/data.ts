/** Policy files, and credentials or targets in files: JSON or YAML text to plain values. */
import { isMap, isScalar } from 'yaml';
import { DataError } from './errors.js';
import { isFalsy, isPlainObject, PyFloat } from './py_value.js';
import { parseYamlText, type YamlText, yamlValue } from './py_yaml.js';

/** A mapping read from a text, and the lines (from 1) of its names, as far as they are known. */
export interface MappingText {
  readonly values: Readonly<Record<string, unknown>>;
  readonly lines: ReadonlyMap<string, number>;
  /** Names that are not texts, such as `yes` or 1. Nothing can ask for them. */
  readonly ignored: readonly string[];
  /** Names that are written more than once; the last counts. */
  readonly repeated: readonly string[];
}

/**
 * Read a mapping as oslo.policy reads its files: as JSON, and where it is not JSON as YAML 1.1 in PyYAML's reading.
 * An empty text is an empty mapping, and so is any other empty value.
 *
 * Numbers come back so that their Python text is known: floats with a whole value as PyFloat, integers beyond 2^53 as
 * bigint.
 *
 * @throws DataError
 */
export function readMapping(text: string): MappingText {
  const yaml = parseYamlText(text);
  const json = parseJson(text);
  const value = json === undefined ? plainNumbers(yamlValue(yaml), true) : json.value;
  if (value instanceof Map) {
    const names = [...value.keys()];
    return {
      values: Object.fromEntries([...value].filter((entry) => typeof entry[0] === 'string')),
      ...nameLines(yaml),
      ignored: names.filter((name) => typeof name !== 'string').map(String),
    };
  }
  if (isPlainObject(value)) return { values: value, ...nameLines(yaml), ignored: [] };
  if (isFalsy(value)) return { values: {}, lines: new Map(), ignored: [], repeated: [] };
  throw new DataError('is not a mapping of names to values');
}

/** A text in quotes, or a number: what must be told apart before numbers can be rewritten. */
const JSON_TOKEN = /"(?:\\.|[^"\\])*"|-?Infinity|NaN|-?\d+(?<float>(?:\.\d+)?(?:[eE][-+]?\d+)?)/gu;
const ADDED_NUMBER = /^(?:NaN|-?Infinity)$/u;
const NUMBER_KEY = '\0number';

/** JSON with the three numbers that Python adds to it: NaN, Infinity and -Infinity. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    // Blanks around the stand-in: what runs into it stays apart, and wrong.
    JSON.parse(text.replaceAll(JSON_TOKEN, (token) => (ADDED_NUMBER.test(token) ? ' 0 ' : token)));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const marked = text.replaceAll(JSON_TOKEN, (token) =>
    token.startsWith('"') || isSmallInteger(token) ? token : JSON.stringify({ [NUMBER_KEY]: token }),
  );
  return { value: JSON.parse(marked, restoreNumber) as unknown };
}

function isSmallInteger(token: string): boolean {
  return /^-?\d{1,15}$/u.test(token);
}

function restoreNumber(_key: string, value: unknown): unknown {
  if (!isPlainObject(value) || typeof value[NUMBER_KEY] !== 'string') return value;
  const token = value[NUMBER_KEY];
  return /^-?\d+$/u.test(token) ? BigInt(token) : floatValue(Number(token));
}

function floatValue(value: number): number | PyFloat {
  return Number.isInteger(value) ? new PyFloat(value) : value;
}

/** bigint for every integer and number for every float, to our own convention; inner mappings to objects. */
function plainNumbers(value: unknown, top = false): unknown {
  if (typeof value === 'bigint') return BigInt.asIntN(53, value) === value ? Number(value) : value;
  if (typeof value === 'number') return floatValue(value);
  if (Array.isArray(value)) return value.map((item) => plainNumbers(item));
  if (!(value instanceof Map)) return value;
  const entries = [...(value as Map<unknown, unknown>)].map(
    ([key, item]) => [key, plainNumbers(item)] as const,
  );
  if (top) return new Map(entries);
  return Object.fromEntries(entries.map(([key, item]) => [String(key), item]));
}

function nameLines({ document, lines: counter }: YamlText): Pick<MappingText, 'lines' | 'repeated'> {
  const lines = new Map<string, number>();
  const repeated = new Set<string>();
  if (!isMap(document.contents)) return { lines, repeated: [] };
  for (const { key } of document.contents.items) {
    if (!isScalar(key) || typeof key.value !== 'string' || !key.range) continue;
    if (lines.has(key.value)) repeated.add(key.value);
    lines.set(key.value, counter.linePos(key.range[0]).line);
  }
  return { lines, repeated: [...repeated] };
}
