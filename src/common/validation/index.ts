/**
 * Request bodies against JSON Schema. Schemas are compiled on first use and kept: the start stays fast, and a schema
 * costs well under a microsecond per request.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { JsonObject } from '../context.js';
import { SchemaValidationError, ValidationError } from '../errors.js';
import type { JsonSchema } from '../http/types.js';

const ajv = new Ajv({ strict: false, allErrors: false, verbose: true, unicodeRegExp: true });

/**
 * Check that a body is `{member: {...}}`, with nothing beside the member, and that the member follows the schema.
 * @returns a function that throws ValidationError (member absent or unknown keys) or SchemaValidationError
 */
export function bodySchema(member: string, schema: JsonSchema): (body: JsonObject) => void {
  const validate = lazySchema(schema);
  return (body) => {
    const value = body[member];
    if (value === undefined || value === null || typeof value !== 'object') {
      throw new ValidationError({ attribute: member, target: 'request body' });
    }
    for (const key in body) {
      if (key !== member)
        throw new ValidationError(`Unexpected key '${key}' in request body beside '${member}'`);
    }
    validate(value);
  };
}

/** A schema check compiled on first use. The returned function throws SchemaValidationError. */
export function lazySchema(schema: JsonSchema): (value: unknown) => void {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    compiled ??= ajv.compile(schema);
    if (!compiled(value)) throw new SchemaValidationError({ detail: describe(compiled.errors?.[0]) });
  };
}

/** The error in the words of Python's jsonschema, which clients know. Values that may be secret are not repeated. */
function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return 'The request body does not follow the schema';
  const path = error.instancePath.split('/').slice(1);
  const field = path.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('/');
  const text = message(error, field);
  return path.length === 0 ? text : `Invalid input for field '${field}': ${text}`;
}

const SECRET_FIELD = /password|secret|blob|token/i;

function message(error: ErrorObject, field: string): string {
  const shown = SECRET_FIELD.test(field) ? 'The value' : python(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return `'${String(params['missingProperty'])}' is a required property`;
    case 'type':
      return `${shown} is not of type ${[params['type']].flat().map(python).join(', ')}`;
    case 'enum':
      return `${shown} is not one of ${python(params['allowedValues'])}`;
    case 'minLength':
    case 'minItems':
      return `${shown} is too short`;
    case 'maxLength':
      return `${shown} is too long`;
    case 'pattern':
      return `${shown} does not match ${python(params['pattern'])}`;
    case 'minimum':
      return `${shown} is less than the minimum of ${String(params['limit'])}`;
    case 'minProperties':
      return `${shown} does not have enough properties`;
    case 'not':
      return `${shown} is not allowed here`;
    case 'additionalProperties':
      return `Additional properties are not allowed ('${String(params['additionalProperty'])}' was unexpected)`;
    default:
      return `${shown} ${error.message ?? 'is not valid'}`;
  }
}

const SHOWN_LENGTH = 200;

/** A value as Python's repr() would print it, cut to a bounded length. */
function python(value: unknown): string {
  const text = repr(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${quoted(key)}: ${SECRET_FIELD.test(key) ? "'***'" : repr(item)}`)
      .join(', ')}}`;
  }
  return typeof value === 'number' ? String(value) : typeof value;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A text as Python writes it in its source: in single quotes unless it has those and no double ones. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\p{Cc}]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return ESCAPES[character] ?? `\\x${code}`;
  });
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}
