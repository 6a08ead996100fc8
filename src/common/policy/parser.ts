/**
 * Parser of the oslo.policy rule language, text form and list form.
 *
 *     or-rule  = and-rule *( "or" and-rule )
 *     and-rule = operand *( "and" operand )
 *     operand  = "not" operand / "(" or-rule ")" / check
 *
 * Keywords in any case of letters. Tokens are separated by white space; parentheses may touch the outside of a check
 * (`(role:a)`), and are part of it elsewhere (`user_id:%(user_id)s`). What cannot be understood becomes a check that
 * is never true.
 */
import type { Check } from './check.js';
import { isFalsy, isPlainObject, PyFloat, reprFloat } from './py_value.js';

type Token =
  | { readonly type: '(' | ')' | 'and' | 'or' | 'not' | 'string'; readonly text: string }
  | { readonly type: 'check'; readonly check: Check; readonly text: string };

/** Python's white space (`str.isspace`), which is not JavaScript's `\s`. */
// oxlint-disable-next-line no-control-regex -- the information separators are white space to Python
const WHITE_SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

/**
 * Parse one rule.
 *
 * @param rule a text, or the older list form: a list of alternatives, each a check or a list of checks that must all
 *   hold. As in oslo.policy anything empty (`''`, `[]`, null, false, 0) is the rule that always holds, and of a mapping
 *   the keys count as a list.
 * @throws TypeError for any other type (true, numbers, dates, …)
 */
export function parseRule(rule: unknown): Check {
  if (typeof rule === 'string') return rule === '' ? { kind: 'always' } : parseText(rule);
  return parseAlternatives(rule);
}

function parseText(rule: string): Check {
  const tokens = tokenize(rule);
  const [only] = tokens;
  if (only !== undefined && tokens.length === 1) {
    return only.type === 'check' ? only.check : { kind: 'stray', text: only.text };
  }
  const reader = new TokenReader(tokens);
  try {
    const check = parseOr(reader);
    const rest = reader.peek();
    if (rest !== undefined) throw new SyntaxError(`unexpected '${rest.text}'`);
    return check;
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'never', reason: error.message };
    if (error instanceof RangeError) return { kind: 'never', reason: 'too deeply nested' };
    throw error;
  }
}

class TokenReader {
  #position = 0;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#position];
  }

  next(): Token | undefined {
    return this.#tokens[this.#position++];
  }

  accept(type: Token['type']): boolean {
    if (this.peek()?.type !== type) return false;
    this.#position += 1;
    return true;
  }
}

function parseOr(reader: TokenReader): Check {
  const checks = [parseAnd(reader, true)];
  while (reader.accept('or')) checks.push(parseAnd(reader, false));
  return checks.length === 1 ? (checks[0] as Check) : { kind: 'or', checks };
}

/** @param first whether this is the first alternative of its `or`: see below */
function parseAnd(reader: TokenReader, first: boolean): Check {
  const checks = [parseOperand(reader)];
  while (reader.accept('and')) checks.push(parseOperand(reader));
  const head = checks[0] as Check;
  if (checks.length === 1) return head;
  // `x or (a and b) and c` is written back as `(x or (a and b and c))` by oslo.policy, but `(a and b) and c` is not.
  if (!first && head.kind === 'and') return { kind: 'and', checks: [...head.checks, ...checks.slice(1)] };
  return { kind: 'and', checks };
}

function parseOperand(reader: TokenReader): Check {
  const token = reader.next();
  if (token === undefined) throw new SyntaxError('a check is missing at the end');
  switch (token.type) {
    case 'check':
      return token.check;
    case 'not':
      return { kind: 'not', check: parseOperand(reader) };
    case '(': {
      const check = parseOr(reader);
      const close = reader.next();
      if (close === undefined) throw new SyntaxError("')' is missing");
      if (close.type !== ')') throw new SyntaxError(`unexpected '${close.text}'`);
      return check;
    }
    default:
      throw new SyntaxError(`unexpected '${token.text}'`);
  }
}

function tokenize(rule: string): Token[] {
  const tokens: Token[] = [];
  for (const word of rule.split(WHITE_SPACE)) tokenizeWord(word, tokens);
  return tokens;
}

function tokenizeWord(word: string, tokens: Token[]): void {
  let start = 0;
  while (word[start] === '(') {
    tokens.push({ type: '(', text: '(' });
    start += 1;
  }
  let end = word.length;
  while (end > start && word[end - 1] === ')') end -= 1;
  if (end > start) tokens.push(wordToken(word.slice(start, end), word.slice(start)));
  for (; end < word.length; end += 1) tokens.push({ type: ')', text: ')' });
}

/** @param withTail the word together with the closing parentheses behind it, which keep it from being a quoted string */
function wordToken(word: string, withTail: string): Token {
  const lower = word.toLowerCase();
  if (lower === 'and' || lower === 'or' || lower === 'not') return { type: lower, text: word };
  const quote = withTail[0];
  if (withTail.length >= 2 && (quote === '"' || quote === "'") && withTail.endsWith(quote)) {
    return { type: 'string', text: withTail.slice(1, -1) };
  }
  return { type: 'check', check: parseCheck(word), text: word };
}

/** One check. Everything up to the first colon is its kind. */
function parseCheck(text: string): Check {
  if (text === '!') return { kind: 'never' };
  if (text === '@') return { kind: 'always' };
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'never', reason: `'${text}' is not a check: it has no colon` };
  const kind = text.slice(0, colon);
  const match = text.slice(colon + 1);
  switch (kind) {
    case 'rule':
      return { kind: 'rule', name: match };
    case 'role':
      return { kind: 'role', match };
    case 'http':
    case 'https':
      return { kind: 'remote', scheme: kind, match };
    default:
      return { kind: 'compare', subject: kind, match };
  }
}

function parseAlternatives(rule: unknown): Check {
  if (isFalsy(rule)) return { kind: 'always' };
  const alternatives: Check[] = [];
  for (const alternative of listOf(rule)) {
    if (isFalsy(alternative)) continue;
    const checks = (typeof alternative === 'string' ? [alternative] : listOf(alternative)).map((item) =>
      typeof item === 'string'
        ? parseCheck(item)
        : ({ kind: 'never', reason: 'a check in a list is a text' } as const),
    );
    alternatives.push(checks.length === 1 ? (checks[0] as Check) : { kind: 'and', checks });
  }
  if (alternatives.length === 0) return { kind: 'never', reason: 'the list holds no check' };
  return alternatives.length === 1 ? (alternatives[0] as Check) : { kind: 'or', checks: alternatives };
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isPlainObject(value)) return Object.keys(value);
  throw new TypeError(`a rule is a text or a list of checks, not ${typeName(value)}`);
}

function typeName(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  if (value instanceof PyFloat) return `the number ${reprFloat(value.value)}`;
  if (typeof value === 'boolean') return String(value);
  return value instanceof Date ? 'a date' : `a ${typeof value}`;
}
