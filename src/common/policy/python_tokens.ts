/** Tokens of the small part of Python source that the left side of a check may be; see `subject.ts`. */

export type PyToken =
  | { readonly type: 'name' | 'keyword' | 'operator'; readonly text: string }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string };

const KEYWORDS: ReadonlySet<string> = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
   import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/u),
);
const BLANK = /[ \t\f]+/uy;
const NAME = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const RADIX = /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+/uy;
const DECIMAL = /(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:[eE][-+]?\d(?:_?\d)*)?/uy;
const STRING = /(?<prefix>[rRuU]?)(?<quote>['"])(?<body>(?:\\.|(?!\k<quote>)[^\\\r\n])*)\k<quote>/uy;
const OPERATOR = /\*\*|\/\/|<<|>>|[-+*/%@&|^~()[\]{},.]/uy;

/**
 * @throws SyntaxError for what Python would not read, and for some that it would: bytes, formatted and triple-quoted
 *   texts, imaginary numbers, comparisons
 */
export function tokenizePython(source: string): PyToken[] {
  const tokens: PyToken[] = [];
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) position = pattern.lastIndex;
    return text;
  };
  while (position < source.length && source[position] !== '#') {
    if (take(BLANK) !== undefined) continue;
    const token = nextToken(take);
    if (token === undefined) throw new SyntaxError(`'${source.slice(position)}' is not a name or literal`);
    const isNumber = token.type === 'integer' || token.type === 'float';
    if (isNumber && take(NAME) !== undefined) throw new SyntaxError('a number runs into a name');
    tokens.push(token);
  }
  return tokens;
}

function nextToken(take: (pattern: RegExp) => string | undefined): PyToken | undefined {
  const string = take(STRING);
  if (string !== undefined) return { type: 'string', value: stringValue(string) };
  const name = take(NAME);
  if (name !== undefined) return { type: KEYWORDS.has(name) ? 'keyword' : 'name', text: name };
  const radix = take(RADIX);
  if (radix !== undefined) return { type: 'integer', value: BigInt(radix.replaceAll('_', '')) };
  const decimal = take(DECIMAL);
  if (decimal !== undefined) return decimalToken(decimal.replaceAll('_', ''));
  const operator = take(OPERATOR);
  return operator === undefined ? undefined : { type: 'operator', text: operator };
}

function decimalToken(text: string): PyToken {
  if (/[.eE]/u.test(text)) return { type: 'float', value: Number(text) };
  if (/^0+[1-9]/u.test(text)) throw new SyntaxError(`'${text}' starts with zero`);
  return { type: 'integer', value: BigInt(text) };
}

const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gsu;
const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

function stringValue(source: string): string {
  const { prefix = '', body = '' } = new RegExp(STRING.source, 'u').exec(source)?.groups ?? {};
  if (prefix.toLowerCase() === 'r') return body;
  return body.replace(
    ESCAPE,
    (whole, octal?: string, hex?: string, short?: string, long?: string, other?: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const digits = hex ?? short ?? long;
      if (digits !== undefined) {
        const code = Number.parseInt(digits, 16);
        if (code > 0x10_ff_ff) throw new SyntaxError(`'${whole}' is no character`);
        return String.fromCodePoint(code);
      }
      const char = other ?? '';
      // \N{…} needs the character database; the others lack digits.
      if ('xuUN'.includes(char)) throw new SyntaxError(`'${whole}' is no escape`);
      return SIMPLE_ESCAPES.get(char) ?? whole;
    },
  );
}
