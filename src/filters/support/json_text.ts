/** From the bytes of a request body to a plain object that is safe to work on. */
import type { JsonObject, JsonValue } from '../../common/context.js';
import { ValidationError } from '../../common/errors.js';

/** Deeper bodies serve no request of the API; code that walks them would run out of stack. */
const MAX_DEPTH = 200;

/** A byte order mark is no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What may hide something that is not allowed in any text: only such bodies are searched. */
const SUSPICIOUS = /__proto__|\\u(?:00|[dD][89a-fA-F])/;

/**
 * @returns the members that handlers may see; empty for `null`, `[]`, `{}`, `0`, `false` and `""`
 * @throws ValidationError for what is not UTF-8, not JSON, no object, too deep, or holds NUL characters, half
 *   surrogate pairs (neither can be stored) or the name `__proto__`
 */
export function parseJsonBody(bytes: Buffer): JsonObject {
  const value = parse(bytes);
  if (!value || (Array.isArray(value) && value.length === 0)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ValidationError({ attribute: 'valid JSON object', target: 'request body' });
  }
  return visibleMembers(value);
}

function parse(bytes: Buffer): JsonValue {
  if (tooDeep(bytes)) throw notJson();
  let text: string;
  let value: JsonValue;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw notJson(error);
  }
  if (SUSPICIOUS.test(text)) requireCleanTexts(value);
  return value;
}

function notJson(cause?: unknown): Error {
  return new ValidationError({ attribute: 'valid JSON', target: 'request body' }, { cause });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside of texts. What is no JSON at all may give any answer. */
function tooDeep(bytes: Buffer): boolean {
  if (bytes.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at]) {
      case QUOTE:
        at = endOfText(bytes, at);
        break;
      case 0x5b:
      case 0x7b:
        depth += 1;
        if (depth > MAX_DEPTH) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

/** Position of the quote that ends the text which begins at `start`. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function requireCleanTexts(top: JsonValue): void {
  const waiting: JsonValue[] = [top];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string') {
      requireCleanText(value);
    } else if (Array.isArray(value)) {
      for (const item of value) waiting.push(item);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        // At the top such a name is dropped like all that begin with an underscore.
        if (name === '__proto__' && value !== top)
          throw new ValidationError('Invalid name __proto__ in the request body');
        requireCleanText(name);
        waiting.push(item as JsonValue);
      }
    }
  }
}

function requireCleanText(text: string): void {
  if (text.includes('\0')) throw new ValidationError('The request body must not contain NUL characters');
  if (/\p{Surrogate}/u.test(text))
    throw new ValidationError('The request body must not contain half surrogate pairs');
}

/** Members become arguments of actions: `-` and `:` of their names are `_`, and some names are not theirs to take. */
function visibleMembers(body: JsonObject): JsonObject {
  const names = Object.keys(body);
  if (names.every((name) => isVisible(name) && !/[-:]/.test(name))) return body;
  const members: JsonObject = {};
  for (const name of names) {
    const argument = name.replace(/[-:]/g, '_');
    if (isVisible(name) && argument !== '__proto__') members[argument] = body[name];
  }
  return members;
}

function isVisible(name: string): boolean {
  return name !== 'self' && name !== 'context' && !name.startsWith('_');
}
