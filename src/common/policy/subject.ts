/**
 * The left side of a check, `SUBJECT:MATCH`.
 *
 * oslo.policy reads it as Python source. A literal (`'Member'`, `None`, `0x10`) stands for itself. Any other valid
 * expression is taken as a dotted path into the credentials, whatever it looks like: `user_id`, `token.project.id`,
 * but also `a-b`. What Python cannot parse (`1a`, `$a`, a keyword such as `class`) is an error whenever the check is
 * reached, so that the decision is "refused".
 *
 * We know literals, names, and names or literals joined by arithmetic operators. The rest of Python's expressions
 * (calls, subscripts, conditions, sets, bytes, …) names nothing that credentials hold; it counts as an error, which
 * refuses where oslo.policy would say "does not match".
 */
import { PyFloat, PyTuple, pyStr } from './py_value.js';
import { type PyToken, tokenizePython } from './python_tokens.js';

export type Subject =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'path'; readonly segments: readonly string[] }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Classify a subject. Never throws. */
export function parseSubject(source: string): Subject {
  try {
    const operand = new SubjectReader(tokenizePython(source)).read();
    if (operand.literal) return { kind: 'literal', text: pyStr(operand.value) };
    return { kind: 'path', segments: source.split('.') };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'invalid', reason: error.message };
    if (error instanceof RangeError) return { kind: 'invalid', reason: 'too deeply nested' };
    throw error;
  }
}

type Operand = { readonly literal: true; readonly value: unknown } | { readonly literal: false };

const EXPRESSION: Operand = { literal: false };
const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
]);
const BINARY: ReadonlySet<string> = new Set('+ - * / // % @ ** << >> & | ^'.split(' '));

class SubjectReader {
  readonly #tokens: readonly PyToken[];
  #position = 0;

  constructor(tokens: readonly PyToken[]) {
    this.#tokens = tokens;
  }

  read(): Operand {
    return this.#items(undefined);
  }

  /** Operands up to a closing bracket or the end. Without any comma, the single one itself. */
  #items(close: ')' | undefined): Operand {
    const items: Operand[] = [];
    let comma = false;
    while (!this.#accept(close)) {
      if (items.length > 0 && !comma) throw this.#unexpected();
      items.push(this.#expression());
      comma = this.#accept(',');
    }
    const [only] = items;
    if (only !== undefined && items.length === 1 && !comma) return only;
    if (only === undefined && close === undefined) throw new SyntaxError('there is nothing before the colon');
    const values = literalValues(items);
    return values === undefined ? EXPRESSION : { literal: true, value: new PyTuple(values) };
  }

  #list(): Operand {
    const items: Operand[] = [];
    while (!this.#accept(']')) {
      items.push(this.#expression());
      if (!this.#isAt(']') && !this.#accept(',')) throw this.#unexpected();
    }
    const values = literalValues(items);
    return values === undefined ? EXPRESSION : { literal: true, value: values };
  }

  #expression(): Operand {
    let operand = this.#signed();
    for (
      let token = this.#peek();
      token?.type === 'operator' && BINARY.has(token.text);
      token = this.#peek()
    ) {
      this.#position += 1;
      this.#signed();
      operand = EXPRESSION;
    }
    return operand;
  }

  /** Exactly one sign before a number is part of a literal; any other sign makes an expression. */
  #signed(): Operand {
    const sign = ['-', '+', '~'].find((text) => this.#accept(text));
    if (sign === undefined) return this.#dotted();
    const next = this.#peek();
    const operand = this.#signed();
    const isNumber = next?.type === 'integer' || next?.type === 'float';
    if (sign === '~' || !isNumber || !operand.literal) return EXPRESSION;
    return { literal: true, value: sign === '-' ? negate(operand.value) : operand.value };
  }

  #dotted(): Operand {
    let operand = this.#atom();
    while (this.#accept('.')) {
      if (this.#peek()?.type !== 'name') throw this.#unexpected();
      this.#position += 1;
      operand = EXPRESSION;
    }
    return operand;
  }

  #atom(): Operand {
    const token = this.#peek();
    if (token === undefined) throw this.#unexpected();
    if (token.type === 'string') return { literal: true, value: this.#strings() };
    this.#position += 1;
    if (token.type === 'integer') return { literal: true, value: token.value };
    if (token.type === 'float') return { literal: true, value: new PyFloat(token.value) };
    if (token.type === 'name') return EXPRESSION;
    if (CONSTANTS.has(token.text)) return { literal: true, value: CONSTANTS.get(token.text) };
    if (token.text === '(') return this.#items(')');
    if (token.text === '[') return this.#list();
    if (token.text === '{' && this.#accept('}')) return { literal: true, value: {} };
    this.#position -= 1;
    throw this.#unexpected();
  }

  /** Adjacent texts are one text. */
  #strings(): string {
    let text = '';
    for (let token = this.#peek(); token?.type === 'string'; token = this.#peek()) {
      text += token.value;
      this.#position += 1;
    }
    return text;
  }

  #peek(): PyToken | undefined {
    return this.#tokens[this.#position];
  }

  #isAt(text: string): boolean {
    const token = this.#peek();
    return token?.type === 'operator' && token.text === text;
  }

  /** @param text an operator; undefined for the end */
  #accept(text: string | undefined): boolean {
    if (text === undefined) return this.#position >= this.#tokens.length;
    if (!this.#isAt(text)) return false;
    this.#position += 1;
    return true;
  }

  #unexpected(): SyntaxError {
    const token = this.#peek();
    if (token === undefined) return new SyntaxError('something is missing at the end');
    return new SyntaxError(
      'text' in token ? `'${token.text}' is out of place` : `a ${token.type} is out of place`,
    );
  }
}

function literalValues(items: readonly Operand[]): unknown[] | undefined {
  const values: unknown[] = [];
  for (const item of items) {
    if (!item.literal) return undefined;
    values.push(item.value);
  }
  return values;
}

function negate(value: unknown): unknown {
  if (typeof value === 'bigint') return -value;
  return value instanceof PyFloat ? new PyFloat(-value.value) : value;
}
