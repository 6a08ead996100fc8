/** The right side of a check: a text with `%(NAME)s` places, taken apart once. */
import { CheckError } from './errors.js';
import { type FormatSpec, formatValue } from './format.js';
import { pyStr } from './py_value.js';
import type { Target, TargetKey } from './target.js';

/** Fills the places; undefined when the target lacks one of the names. */
export type Template = (target: Target) => string | undefined;

type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'value'; readonly key: TargetKey; readonly spec: FormatSpec }
  | { readonly type: 'whole'; readonly spec: FormatSpec }
  | { readonly type: 'error'; readonly reason: string };

/** Widths beyond this are refused rather than built. */
const MAX_WIDTH = 1000;
const SPEC = /([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?(.?)/suy;
const PLAIN_TEXT: FormatSpec = { flags: '', width: 0, precision: undefined, conversion: 's' };

export interface CompiledTemplate {
  readonly fill: Template;
  /** The text when it has no places. */
  readonly constant: string | undefined;
  /** Names that it takes from the target. */
  readonly keys: readonly TargetKey[];
  /** What is wrong with it; filling fails when that place is reached. */
  readonly problem: string | undefined;
}

/** Compile a template. Never throws: a malformed place is an error when a decision reaches it, as with Python's `%`. */
export function compileTemplate(source: string): CompiledTemplate {
  const parts = parseParts(source);
  const keys = parts.flatMap((part) => (part.type === 'value' ? [part.key] : []));
  const problem = parts.find((part) => part.type === 'error')?.reason;
  const [first] = parts;
  if (first === undefined) return { fill: () => '', constant: '', keys, problem };
  if (parts.length === 1 && first.type === 'text') {
    const { text } = first;
    return { fill: () => text, constant: text, keys, problem };
  }
  if (parts.length === 1 && first.type === 'value' && isPlain(first.spec)) {
    return { fill: singleValue(first.key), constant: undefined, keys, problem };
  }
  return { fill: (target) => fillParts(parts, target), constant: undefined, keys, problem };
}

function isPlain(spec: FormatSpec): boolean {
  return spec.conversion === 's' && spec.width === 0 && spec.precision === undefined;
}

function singleValue(key: TargetKey): Template {
  return (target) => {
    const value = target.lookup(key);
    if (typeof value === 'string' || value === undefined) return value;
    return pyStr(value);
  };
}

function fillParts(parts: readonly Part[], target: Target): string | undefined {
  let out = '';
  for (const part of parts) {
    if (part.type === 'text') out += part.text;
    else if (part.type === 'error') throw new CheckError(part.reason);
    else if (part.type === 'whole') out += formatValue(part.spec, Object.fromEntries(target.entries()));
    else {
      const value = target.lookup(part.key);
      if (value === undefined) return undefined;
      out += formatValue(part.spec, value);
    }
  }
  return out;
}

function parseParts(source: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  let position = 0;
  const flush = (): void => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  while (position < source.length) {
    const percent = source.indexOf('%', position);
    if (percent < 0) break;
    text += source.slice(position, percent);
    if (source[percent + 1] === '%') {
      text += '%';
      position = percent + 2;
      continue;
    }
    flush();
    const place = parsePlace(source, percent + 1);
    parts.push(...place.parts);
    position = place.end;
  }
  text += source.slice(position);
  flush();
  return parts;
}

/** One place, from behind its `%`. After an error nothing of the text is looked at any more. */
function parsePlace(source: string, start: number): { parts: Part[]; end: number } {
  let position = start;
  let key: TargetKey | undefined;
  if (source[position] === '(') {
    const close = closingParenthesis(source, position);
    if (close < 0) return failed(`the name after '%(' in '${source}' has no end`, source);
    const name = source.slice(position + 1, close);
    key = { name, segments: name.split('.') };
    position = close + 1;
  }
  SPEC.lastIndex = position;
  const [, flags = '', width = '', precision, conversion = ''] = SPEC.exec(source) ?? [];
  const end = SPEC.lastIndex;
  const spec = { flags, width: Number(width), precision: digits(precision), conversion };
  const value: Part = key === undefined ? { type: 'whole', spec } : { type: 'value', key, spec };
  if (width === '*' || precision === '*')
    return failedValue(value, `'*' in '${source}' has no value`, source);
  if (spec.width > MAX_WIDTH || (spec.precision ?? 0) > MAX_WIDTH) {
    return failedValue(value, `a width in '${source}' is too big`, source);
  }
  if (conversion === '') return failedValue(value, `'${source}' ends within a '%' place`, source);
  if (!'sracdiuoxXeEfFgG'.includes(conversion)) {
    return failedValue(
      value,
      `'%${conversion}' in '${source}' is not a conversion; write %% for a percent sign`,
      source,
    );
  }
  return { parts: [value], end };
}

function digits(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function failed(reason: string, source: string): { parts: Part[]; end: number } {
  return { parts: [{ type: 'error', reason }], end: source.length };
}

/** An error behind a name: when the target lacks the name, the check is false and the error is not reached. */
function failedValue(value: Part, reason: string, source: string): { parts: Part[]; end: number } {
  return { parts: [...requirement(value), { type: 'error', reason }], end: source.length };
}

/** Needs the name in the target, and writes nothing. */
function requirement(value: Part): Part[] {
  return value.type === 'value' ? [{ ...value, spec: { ...PLAIN_TEXT, precision: 0 } }] : [];
}

/** Parentheses nest within a name. */
function closingParenthesis(source: string, open: number): number {
  let depth = 0;
  for (let index = open; index < source.length; index += 1) {
    if (source[index] === '(') depth += 1;
    else if (source[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}
