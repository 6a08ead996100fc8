/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';

const properties = { description: { type: ['string', 'null'] } };

export const consumerCreate: JsonSchema = { type: 'object', properties, additionalProperties: true };

export const consumerUpdate: JsonSchema = {
  type: 'object',
  properties,
  minProperties: 1,
  additionalProperties: true,
};

/** The roles that a user grants. An access token without any would be of no use. */
export const authorizedRoles: JsonSchema = {
  type: 'array',
  minItems: 1,
  items: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
};
