/** JSON Schemas of request bodies of API v2.0. */
import type { JsonSchema } from '../../common/http/types.js';
import { boolean, description, name, nullable } from '../../common/validation/parameter_types.js';

export const serviceCreateV2: JsonSchema = {
  type: 'object',
  properties: {
    name,
    type: { type: 'string', minLength: 1, maxLength: 255 },
    description: nullable(description),
    enabled: boolean,
  },
  required: ['type'],
  additionalProperties: true,
};

const text: JsonSchema = { type: ['string', 'null'] };

/** What must be there is checked by the controller, with the text that clients know. */
export const endpointCreateV2: JsonSchema = {
  type: 'object',
  properties: {
    publicurl: text,
    internalurl: text,
    adminurl: text,
    service_id: text,
    region: text,
    enabled: boolean,
  },
  additionalProperties: true,
};
