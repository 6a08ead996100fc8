/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';
import { name } from '../../common/validation/parameter_types.js';

export const roleCreate: JsonSchema = {
  type: 'object',
  properties: { name },
  required: ['name'],
  additionalProperties: true,
};

export const roleUpdate: JsonSchema = {
  type: 'object',
  properties: { name },
  minProperties: 1,
  additionalProperties: true,
};
