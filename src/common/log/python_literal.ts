/**
 * Values as Python writes them, for the `args` and `kwargs` of a logging configuration file: strings, numbers, True,
 * False, None, tuples, lists, mappings, sums and products of numbers, and names that the caller knows. Python evaluates
 * such a text as a program; here it is only read, and whatever is more than a value is refused.
 */

export type PythonValue =
  | string
  | number
  | boolean
  | null
  | readonly PythonValue[]
  | ReadonlyMap<string, PythonValue>
  | PythonName;

/** A dotted name that stands for something which has no value of its own here, such as `sys.stdout`. */
export class PythonName {
  constructor(readonly name: string) {}
}

/** What is wrong with a text; the text itself is not in the message. */
export class PythonSyntaxError extends Error {
  override readonly name = 'PythonSyntaxError';
}

const BLANK = /\s*/y;
const NUMBER = /0x[0-9a-f]+|0o[0-7]+|\d+(?:\.\d+)?/iy;
const NAME = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y;
const STRING_START = /(?:[uUrRbB]{0,2})(?='|")/y;

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

class Reader {
  #at = 0;

  constructor(
    readonly text: string,
    readonly lookup: (name: string) => PythonValue | undefined,
  ) {}

  /** The one value that the text is. */
  read(): PythonValue {
    const value = this.#sum();
    this.#skip();
    if (this.#at < this.text.length) this.#fail('there is more than a value');
    return value;
  }

  #fail(why: string): never {
    throw new PythonSyntaxError(`${why} (at character ${this.#at + 1})`);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #skip(): void {
    this.#match(BLANK);
  }

  /** Whether the text goes on with this; if so, it is passed. */
  #accept(token: string): boolean {
    this.#skip();
    if (!this.text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #sum(): PythonValue {
    let left = this.#product();
    for (;;) {
      const sign = this.#accept('+') ? 1 : this.#accept('-') ? -1 : 0;
      if (sign === 0) return left;
      left = this.#number(left) + sign * this.#number(this.#product());
    }
  }

  #product(): PythonValue {
    let left = this.#atom();
    while (this.#accept('*')) left = this.#number(left) * this.#number(this.#atom());
    return left;
  }

  #number(value: PythonValue): number {
    return typeof value === 'number' ? value : this.#fail('only numbers can be calculated with');
  }

  #atom(): PythonValue {
    this.#skip();
    if (this.#accept('(')) return this.#tuple();
    if (this.#accept('[')) return this.#items(']').values;
    if (this.#accept('{')) return this.#mapping();
    if (this.#accept('-')) return -this.#number(this.#atom());
    if (this.#match(STRING_START) !== null) return this.#strings();
    const number = this.#match(NUMBER);
    if (number !== null) return Number(number);
    const name = this.#match(NAME);
    if (name === null) return this.#fail('a value is missing');
    return this.#named(name);
  }

  #named(name: string): PythonValue {
    if (this.#accept('(') || this.#accept('[')) return this.#fail(`${name}(…) would have to be run`);
    if (name === 'None') return null;
    if (name === 'True' || name === 'False') return name === 'True';
    return this.lookup(name) ?? this.#fail(`the name ${name} is not known here`);
  }

  /** `(x)` is x, `(x,)` a tuple of one. */
  #tuple(): PythonValue {
    const { values, hasComma } = this.#items(')');
    const [only] = values;
    return values.length === 1 && only !== undefined && !hasComma ? only : values;
  }

  #items(end: ')' | ']'): { readonly values: readonly PythonValue[]; readonly hasComma: boolean } {
    const values: PythonValue[] = [];
    let hasComma = false;
    while (!this.#accept(end)) {
      if (values.length > 0 && !hasComma) this.#fail(`"${end}" is missing`);
      values.push(this.#sum());
      hasComma = this.#accept(',');
    }
    return { values, hasComma };
  }

  #mapping(): ReadonlyMap<string, PythonValue> {
    const values = new Map<string, PythonValue>();
    let isOpen = true;
    while (!this.#accept('}')) {
      if (!isOpen) this.#fail('"}" is missing');
      const key = this.#sum();
      if (typeof key !== 'string') return this.#fail('the keys of a mapping must be strings');
      if (!this.#accept(':')) this.#fail('":" is missing');
      values.set(key, this.#sum());
      isOpen = this.#accept(',');
    }
    return values;
  }

  /** Strings side by side are one. */
  #strings(): string {
    let text = this.#string();
    for (;;) {
      this.#skip();
      if (this.#match(STRING_START) === null) return text;
      text += this.#string();
    }
  }

  #string(): string {
    const prefix = /[uUrRbB]{0,2}$/.exec(this.text.slice(0, this.#at))?.[0] ?? '';
    const isRaw = prefix.toLowerCase().includes('r');
    const quote = this.text.charAt(this.#at);
    this.#at += 1;
    let text = '';
    for (;;) {
      const character = this.text.charAt(this.#at);
      if (character === '') return this.#fail('the end of a string is missing');
      this.#at += 1;
      if (character === quote) return text;
      if (character !== '\\' || isRaw) {
        text += character;
        continue;
      }
      const next = this.text.charAt(this.#at);
      this.#at += 1;
      text += ESCAPES[next] ?? `\\${next}`;
    }
  }
}

/**
 * Read a value.
 *
 * @param lookup what a dotted name stands for; undefined: it is not known
 * @throws PythonSyntaxError
 */
export function readPythonValue(
  text: string,
  lookup: (name: string) => PythonValue | undefined,
): PythonValue {
  return new Reader(text, lookup).read();
}
