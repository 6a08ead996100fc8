/** Policy files, and credentials or targets in files: JSON or YAML text to plain values. */
import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  type ScalarTag,
  type Tags,
  visit,
  type YAMLError,
} from 'yaml';
import { isFalsy, isPlainObject, PyFloat } from './py_value.js';

/** A mapping read from a text, and the lines (from 1) of its names, as far as they are known. */
export interface MappingText {
  readonly values: Readonly<Record<string, unknown>>;
  readonly lines: ReadonlyMap<string, number>;
  /** Names that are not texts, such as `yes` or 1. Nothing can ask for them. */
  readonly ignored: readonly string[];
  /** Names that are written more than once; the last counts. */
  readonly repeated: readonly string[];
}

/** A text that is neither JSON nor YAML, or no mapping. */
export class DataError extends Error {
  /** From 1; undefined when the mistake has no place. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.name = 'DataError';
    this.line = line;
  }
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
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  const json = parseJson(text);
  const value = json === undefined ? fromYaml(document, lines) : json.value;
  if (value instanceof Map) {
    const names = [...value.keys()];
    return {
      values: Object.fromEntries([...value].filter((entry) => typeof entry[0] === 'string')),
      ...nameLines(document, lines),
      ignored: names.filter((name) => typeof name !== 'string').map(String),
    };
  }
  if (isPlainObject(value)) return { values: value, ...nameLines(document, lines), ignored: [] };
  if (isFalsy(value)) return { values: {}, lines: new Map(), ignored: [], repeated: [] };
  throw new DataError('is not a mapping of names to values');
}

/** A text in quotes, or a number: what must be told apart before numbers can be rewritten. */
const JSON_TOKEN = /"(?:\\.|[^"\\])*"|-?\d+(?<float>(?:\.\d+)?(?:[eE][-+]?\d+)?)/gu;
const NUMBER_KEY = '\0number';

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    JSON.parse(text);
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

/** PyYAML's words for true and false: YAML 1.1's without the single letters. */
function pyYamlTags(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool') return tag;
    const { test } = tag as ScalarTag;
    const isTrue = test?.test('yes') === true;
    return {
      ...tag,
      test: isTrue ? /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/u : /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/u,
    } as ScalarTag;
  });
}

function parseYaml(text: string, lineCounter: LineCounter): Document.Parsed {
  return parseDocument(text, {
    version: '1.1',
    intAsBigInt: true,
    uniqueKeys: false,
    customTags: pyYamlTags,
    lineCounter,
    logLevel: 'error',
    prettyErrors: false,
  });
}

function fromYaml(document: Document.Parsed, lines: LineCounter): unknown {
  // An unknown tag is a mere warning of the library; to drop it would change what the file says.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw yamlError(problem, lines);
  visit(document, {
    Scalar(_key, node) {
      // A bare `!` is a tag without a value, not the text "!".
      if (node.tag === '!' && node.value === '') node.value = null;
    },
  });
  try {
    return plainNumbers(document.toJS({ mapAsMap: true, maxAliasCount: 100 }), true);
  } catch (error) {
    // Such as a merge of what is no mapping, or aliases that multiply beyond reason.
    throw new DataError(error instanceof Error ? error.message : String(error));
  }
}

function yamlError(error: YAMLError, lines: LineCounter): DataError {
  return new DataError(`is neither JSON nor YAML: ${error.message}`, lines.linePos(error.pos[0]).line);
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

function nameLines(document: Document.Parsed, counter: LineCounter): Pick<MappingText, 'lines' | 'repeated'> {
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
