/** YAML texts piece by piece: what PyYAML sees in them before any meaning, where the `yaml` package sees it otherwise. */
import { CST, Lexer } from 'yaml';

type LexemeType = CST.TokenType | 'plain-scalar' | 'block-scalar' | null;

/** A piece of the text as the library's lexer cuts it; a mark between pieces has no text. */
interface Lexeme {
  readonly at: number;
  readonly text: string;
  readonly type: LexemeType;
}

function* lexemes(text: string): Iterable<Lexeme> {
  let at = 0;
  let isScalarText = false;
  let isBlock = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === CST.FLOW_END) yield { at, text: '', type: 'flow-error-end' };
    if (lexeme === CST.SCALAR) isScalarText = true;
    if (lexeme === CST.SCALAR || lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END) continue;
    const type: LexemeType = isScalarText
      ? isBlock
        ? 'block-scalar'
        : 'plain-scalar'
      : CST.tokenType(lexeme);
    yield { at, text: lexeme, type };
    isBlock = isScalarText ? false : isBlock || type === 'block-scalar-header';
    isScalarText = false;
    at += lexeme.length;
  }
}

const QUOTED = /^(?:'(?:[^']|'')*'|"(?:\\[^]|[^"\\])*")$/u;

function isOpenQuote({ type, text }: Lexeme): boolean {
  return (type === 'single-quoted-scalar' || type === 'double-quoted-scalar') && !QUOTED.test(text);
}

const MARGIN = ' '.repeat(99);
/** How many characters may be looked at to find such lines: each look begins at the start of the text. */
const EFFORT = 8_000_000;

/**
 * PyYAML does not care how the further lines of quoted texts, lists in brackets and mappings in braces are indented;
 * the library wants them further in than what they belong to. Blanks in front of such lines mean nothing.
 */
export function indented(source: string): string {
  let text = source;
  for (let effort = 0; effort < EFFORT; effort += text.length) {
    const found = unindentedLine(text);
    if (found === undefined) break;
    const lines = text.slice(found.at).split('\n');
    // Nothing ends before its closing sign, so that the next line belongs to it too.
    const last = lines.findIndex((line) => found.closing.test(line) || SEPARATOR.test(line));
    const count = last < 0 ? lines.length : Math.max(1, SEPARATOR.test(lines[last] ?? '') ? last : last + 1);
    const moved = lines.map((line, index) => (index < count ? MARGIN + line : line));
    text = text.slice(0, found.at) + moved.join('\n');
  }
  return text;
}

/** A line that ends a document, whatever it stands in. */
const SEPARATOR = /^(?:---|\.\.\.)(?=\s|$)/u;

/** Where the first line begins that continues something and is not far enough in, and what can end that thing. */
function unindentedLine(text: string): { readonly at: number; readonly closing: RegExp } | undefined {
  for (const lexeme of lexemes(text)) {
    const end = lexeme.at + lexeme.text.length;
    const isInFlow = lexeme.type === 'flow-error-end';
    if (!isInFlow && !isOpenQuote(lexeme)) continue;
    const at = isInFlow ? end : end + 1;
    if ((!isInFlow && text[end] !== '\n') || SEPARATOR.test(text.slice(at, at + 4))) return undefined;
    return { at, closing: isInFlow ? /[\]}]/u : lexeme.text.startsWith('"') ? /"/u : /'/u };
  }
  return undefined;
}

const UNPRINTABLE = /[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const HOLDERS_OF_TABS: ReadonlySet<LexemeType> = new Set([
  'comment',
  'double-quoted-scalar',
  'single-quoted-scalar',
  'block-scalar',
]);

/**
 * Refuse what PyYAML refuses and the library does not: control characters everywhere, tabs wherever they are not part
 * of a quoted or block text or a comment, names of anchors with anything but letters, digits, `-` and `_`.
 *
 * @param refuse throws, for a message and the place in the text
 */
export function checkLexemes(text: string, refuse: (message: string, at: number) => never): void {
  const control = UNPRINTABLE.exec(text);
  if (control !== null)
    refuse('a control character must be written as an escape in double quotes', control.index);
  for (const lexeme of lexemes(text)) {
    if (isOpenQuote(lexeme)) refuse('a quote is not closed', lexeme.at);
    if ((lexeme.type === 'anchor' || lexeme.type === 'alias') && !/^.[\w-]+$/u.test(lexeme.text)) {
      refuse(`'${lexeme.text}' is no name of an anchor`, lexeme.at);
    }
    if (!HOLDERS_OF_TABS.has(lexeme.type) && lexeme.text.includes('\t')) {
      refuse('a tab is no blank in YAML: use spaces', lexeme.at + lexeme.text.indexOf('\t'));
    }
  }
}
