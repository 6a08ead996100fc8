/**
 * YAML as PyYAML reads it, which is how oslo.policy reads its files: YAML 1.1 with fewer words and numbers than the
 * standard, and without some of the freedoms that the `yaml` package grants. What PyYAML refuses is refused here, so
 * that a file never means something here that it does not mean there.
 */
import {
  type Document,
  isCollection,
  isScalar,
  LineCounter,
  parseDocument,
  type ScalarTag,
  type Tags,
  visit,
  type YAMLError,
} from 'yaml';
import { DataError } from './errors.js';
import { checkLexemes, indented } from './yaml_lexemes.js';

/** A text that PyYAML does not read either. */
const notYaml = (message: string, line?: number): DataError =>
  new DataError(`is neither JSON nor YAML: ${message}`, line);

const WORDS: Readonly<Record<string, string>> = {
  true: 'yes|Yes|YES|true|True|TRUE|on|On|ON',
  false: 'no|No|NO|false|False|FALSE|off|Off|OFF',
};
/** What PyYAML takes for a number; anything else that looks like one (`08`, `1e3`, `.`) is a text. */
const NUMBERS: Readonly<Record<string, string>> = {
  int: '[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)',
  float:
    '[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?' +
    '|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)',
};

function pyYamlTags(tags: Tags): Tags {
  return tags.map((tag) => {
    const test = typeof tag === 'string' ? undefined : (tag as ScalarTag).test;
    if (typeof tag === 'string' || test === undefined) return tag;
    const kind = tag.tag.replace('tag:yaml.org,2002:', '');
    const number = NUMBERS[kind];
    if (number !== undefined) {
      return { ...tag, test: new RegExp(`^(?=(?:${number})$)(?:${test.source})`, 'u') } as ScalarTag;
    }
    if (kind !== 'bool') return tag;
    return { ...tag, test: new RegExp(`^(?:${WORDS[String(test.test('yes'))]})$`, 'u') } as ScalarTag;
  });
}

/** A YAML text that was parsed but not judged. */
export interface YamlText {
  /** With one kind of line end, and indented where the library needs that. */
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** Parse without judging: of a JSON text only the places of its names are wanted. */
export function parseYamlText(source: string): YamlText {
  // The library knows no line ends but LF and CR LF.
  const text = indented(source.replace(/\r\n?|\u0085/gu, '\n'));
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    intAsBigInt: true,
    uniqueKeys: false,
    customTags: pyYamlTags,
    lineCounter: lines,
    logLevel: 'error',
    prettyErrors: false,
    keepSourceTokens: true,
  });
  return { text, document, lines };
}

/**
 * The value of the text: mappings as Map, integers as bigint.
 *
 * @throws DataError
 */
export function yamlValue({ text, document, lines }: YamlText): unknown {
  const refuse = (message: string, at: number): never => {
    throw notYaml(message, lines.linePos(at).line);
  };
  checkLexemes(text, refuse);
  const [problem] = [...document.errors, ...document.warnings].filter((each) => !isHarmless(each));
  // An unknown tag is a mere warning of the library; to drop it would change what the file says.
  if (problem !== undefined) refuse(problem.message, problem.pos[0]);
  visit(document, {
    Pair(_key, { key, srcToken }) {
      if (isCollection(key)) refuse('a list or mapping cannot be a name', key.range?.[0] ?? 0);
      const isExplicit = srcToken?.start.some(({ type }) => type === 'explicit-key-ind') === true;
      if (isScalar(key) && key.source === '' && key.type === 'PLAIN' && !isExplicit) {
        refuse('a name is missing before the colon', key.range?.[0] ?? 0);
      }
    },
    Scalar(key, node, path) {
      // A bare `!` is a tag without a value, not the text "!".
      if (node.tag === '!' && node.value === '') node.value = null;
      if (node.type !== 'PLAIN' || node.source === undefined) return;
      const isSign = key !== 'key' && node.tag === undefined && SIGNS.has(node.source);
      const isInFlow = path.some((parent) => isCollection(parent) && parent.flow === true);
      if (isSign || (isInFlow && NOT_PLAIN_IN_FLOW.test(node.source))) {
        refuse(`'${node.source}' must be quoted`, node.range?.[0] ?? 0);
      }
    },
  });
  try {
    return document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch (error) {
    // Such as a merge of what is no mapping, or aliases that multiply beyond reason.
    throw notYaml(error instanceof Error ? error.message : String(error));
  }
}

/** Plain texts with a meaning of their own in the place of a value. */
const SIGNS: ReadonlySet<string> = new Set(['=', '<<']);
/** Within brackets and braces, a question mark ends a plain text, and a colon cannot begin one. */
const NOT_PLAIN_IN_FLOW = /^:|\?/u;

/** `%NAME` lines that nobody knows are passed over, and a comment may follow without a blank. */
function isHarmless({ name, code, message }: YAMLError): boolean {
  return (
    (name === 'YAMLWarning' && code === 'BAD_DIRECTIVE' && /%[\w-]+$/u.test(message)) ||
    (code === 'MISSING_CHAR' && message.startsWith('Comments must be separated'))
  );
}
