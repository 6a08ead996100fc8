/**
 * Regular expressions in Python's syntax, as operators write them in keystone.conf, compiled to JavaScript's.
 *
 * The pattern is read token by token and written again in the `v` flavour, so that what the two languages read
 * differently (`(?P<name>…)`, `\Z`, `$` before a final line feed, `.` and carriage returns, Unicode digits and letters,
 * a lone `{`, brackets in sets) means what it means in Python 3. Source: Python library reference, "re".
 *
 * Not known, and refused: scoped flags `(?i:…)`, conditions `(?(1)…)`, atomic groups and possessive quantifiers, named
 * characters `\N{…}`, and the flag `L`.
 */

/** The pattern is not one. The message names the reason, never the text that was to be matched. */
export class PythonRegexError extends Error {
  override readonly name = 'PythonRegexError';
}

/**
 * @param mode `match` finds matches that begin at `lastIndex` only (re.match at 0), `search` anywhere (re.search)
 * @throws PythonRegexError
 */
export function compilePythonRegex(pattern: string, mode: 'match' | 'search'): RegExp {
  const { source, ignoreCase } = new Translator(pattern).translate();
  try {
    return new RegExp(source, `v${ignoreCase ? 'i' : ''}${mode === 'match' ? 'y' : ''}`);
  } catch (error) {
    throw new PythonRegexError((error as Error).message.replace(/^.*: /, ''), { cause: error });
  }
}

const GLOBAL_FLAGS = /^\(\?([aiLmsux]+)\)/;
const QUANTIFIER = /^\{(\d*)(?:(,)(\d*))?\}/;
const GROUP_START = /^\((?:\?(?:P<(\w+)>|P=(\w+)\)|(:|=|!|<=|<!)|(#)[^)]*\)))?/u;
const CONTROLS: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Translator {
  private position = 0;
  private flags = '';

  constructor(private readonly pattern: string) {}

  translate(): { source: string; ignoreCase: boolean } {
    const flags = GLOBAL_FLAGS.exec(this.pattern);
    if (flags !== null) {
      this.flags = flags[1] as string;
      this.position = flags[0].length;
    }
    if (this.flags.includes('L')) throw new PythonRegexError('the flag L depends on a locale');
    let source = '';
    while (this.position < this.pattern.length) source += this.item();
    return { source, ignoreCase: this.flags.includes('i') };
  }

  private get rest(): string {
    return this.pattern.slice(this.position);
  }

  private take(): string {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.position) as number);
    this.position += character.length;
    return character;
  }

  private takeMatch(expression: RegExp): RegExpExecArray | null {
    const match = expression.exec(this.rest);
    if (match !== null) this.position += match[0].length;
    return match;
  }

  private item(): string {
    const multiline = this.flags.includes('m');
    if (this.flags.includes('x') && this.takeMatch(/^(?:[ \t\n\r\f\v]|#[^\n]*)+/) !== null) return '';
    if (this.rest.startsWith('(')) return this.group();
    const character = this.take();
    switch (character) {
      case '\\':
        return this.escape();
      case '[':
        return this.set();
      case '.':
        return this.flags.includes('s') ? '[^]' : '[^\\n]';
      case '^':
        return multiline ? '(?<![^\\n])' : '^';
      case '$':
        return multiline ? '(?=\\n|$)' : '(?=\\n?$)';
      case '*':
      case '+':
      case '?':
        return character + this.afterQuantifier();
      case '{':
        return this.braces();
      case '|':
      case ')':
        return character;
      default:
        return literal(character);
    }
  }

  private group(): string {
    const start = this.takeMatch(GROUP_START) as RegExpExecArray;
    const [, name, reference, kind, comment] = start;
    if (name !== undefined) return `(?<${name}>`;
    if (reference !== undefined) return `\\k<${reference}>`;
    if (comment !== undefined) return '';
    if (kind !== undefined) return `(?${kind}`;
    if (this.rest.startsWith('?')) throw new PythonRegexError(`unknown extension (${this.rest.slice(0, 2)}`);
    return '(';
  }

  /** What follows `{`: Python takes it as it is when it does not make a quantifier. */
  private braces(): string {
    this.position -= 1;
    const match = this.rest.startsWith('{}') ? null : this.takeMatch(QUANTIFIER);
    if (match === null) {
      this.position += 1;
      return literal('{');
    }
    const [, least = '', comma, most = ''] = match;
    const range = comma === undefined ? least : `${least === '' ? '0' : least},${most}`;
    return `{${range}}${this.afterQuantifier()}`;
  }

  private afterQuantifier(): string {
    if (this.rest.startsWith('+')) throw new PythonRegexError('possessive quantifiers are not known');
    return this.takeMatch(/^\?/) === null ? '' : '?';
  }

  private escape(): string {
    const reference = this.takeMatch(/^[1-9]\d?(?![0-7])/);
    if (reference !== null) return `(?:\\${reference[0]})`;
    const anchor = this.takeMatch(/^[AZbB]/)?.[0];
    if (anchor === 'A') return '(?<![^])';
    if (anchor === 'Z') return '(?![^])';
    if (anchor !== undefined) return this.wordBoundary(anchor === 'b');
    const kind = this.takeMatch(/^[dDwWsS]/)?.[0];
    return kind === undefined ? literal(this.character()) : `[${this.characterClass(kind)}]`;
  }

  private wordBoundary(at: boolean): string {
    const word = `[${this.characterClass('w')}]`;
    const before = `(?<=${word})`;
    const notBefore = `(?<!${word})`;
    const after = `(?=${word})`;
    const notAfter = `(?!${word})`;
    return at
      ? `(?:${before}${notAfter}|${notBefore}${after})`
      : `(?:${before}${after}|${notBefore}${notAfter})`;
  }

  /** Inside brackets. */
  private characterClass(kind: string): string {
    const ascii = this.flags.includes('a');
    switch (kind) {
      case 'd':
        return ascii ? '0-9' : '\\p{Nd}';
      case 'D':
        return ascii ? '[^0-9]' : '\\P{Nd}';
      case 'w':
        return ascii ? 'a-zA-Z0-9_' : '\\p{L}\\p{N}_';
      case 'W':
        return `[^${this.characterClass('w')}]`;
      default:
        return `\\${kind}`;
    }
  }

  /** The character that an escape sequence stands for. */
  private character(): string {
    const octal = this.takeMatch(/^(?:0[0-7]{0,2}|[1-3][0-7]{2})/);
    if (octal !== null) return String.fromCodePoint(Number.parseInt(octal[0], 8));
    if (this.rest === '') throw new PythonRegexError('a backslash ends the pattern');
    const letter = this.take();
    const control = CONTROLS[letter];
    if (control !== undefined) return control;
    const length = HEX_LENGTHS[letter];
    if (length !== undefined) {
      const digits = this.rest.slice(0, length);
      const code =
        /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1;
      if (code < 0 || code > 0x10ffff) throw new PythonRegexError(`incomplete escape \\${letter}`);
      this.position += length;
      return String.fromCodePoint(code);
    }
    if (/[a-zA-Z0-9]/.test(letter)) throw new PythonRegexError(`unknown escape \\${letter}`);
    return letter;
  }

  private set(): string {
    const negated = this.takeMatch(/^\^/) !== null;
    let items = '';
    let first = true;
    while (first || !this.rest.startsWith(']')) {
      if (this.rest === '') throw new PythonRegexError('a set of characters has no end');
      items += this.setItem();
      first = false;
    }
    this.position += 1;
    return `[${negated ? '^' : ''}${items}]`;
  }

  private setItem(): string {
    const kind = this.takeMatch(/^\\([dDwWsS])/)?.[1];
    const from = kind === undefined ? literal(this.setCharacter()) : this.characterClass(kind);
    if (!/^-(?!\]|$)/.test(this.rest)) return from;
    if (kind !== undefined || /^-\\[dDwWsS]/.test(this.rest)) {
      throw new PythonRegexError('a range must be between two characters');
    }
    this.position += 1;
    return `${from}-${literal(this.setCharacter())}`;
  }

  private setCharacter(): string {
    const character = this.take();
    if (character !== '\\') return character;
    return this.takeMatch(/^b/) === null ? this.character() : '\b';
  }
}

/** A character that stands for itself, in sets and outside. */
function literal(character: string): string {
  if (/[a-zA-Z0-9]/.test(character) || (character.codePointAt(0) as number) > 0x7f) return character;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
