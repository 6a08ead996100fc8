/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';

const properties = {
  blob: { type: 'string' },
  type: { type: 'string', maxLength: 255 },
};

export const policyCreate: JsonSchema = {
  type: 'object',
  properties,
  required: ['blob', 'type'],
  additionalProperties: true,
};

export const policyUpdate: JsonSchema = {
  type: 'object',
  properties,
  minProperties: 1,
  additionalProperties: true,
};
