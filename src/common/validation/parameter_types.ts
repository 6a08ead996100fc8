/** Schema fragments shared by the subsystems' request schemas. Source: Identity API reference, request parameters. */
import type { JsonSchema } from '../http/types.js';

export const boolean: JsonSchema = { type: 'boolean' };

/** A name of at most 255 characters that is not blank. */
export const name: JsonSchema = { type: 'string', minLength: 1, maxLength: 255, pattern: '[\\S]+' };

/** Names of projects, domains and groups are stored in 64 characters. */
export const shortName: JsonSchema = { type: 'string', minLength: 1, maxLength: 64, pattern: '[\\S]+' };

/** An identifier as the API itself makes them. */
export const idString: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 64,
  pattern: '^[a-zA-Z0-9-]+$',
};

export const mapOfStrings: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } };

export const description: JsonSchema = { type: 'string' };

/** RFC 3986 with any scheme; the length is that of the column. */
export const url: JsonSchema = {
  type: 'string',
  minLength: 0,
  maxLength: 225,
  pattern: '^[a-zA-Z0-9+.-]+:.+',
};

/** The same schema, null allowed. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  const types = Array.isArray(type) ? type : [type];
  return { ...schema, type: [...types, 'null'] };
}
