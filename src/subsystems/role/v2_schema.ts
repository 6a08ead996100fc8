/** JSON Schemas of request bodies of API v2.0. */
import type { JsonSchema } from '../../common/http/types.js';
import { idString, name } from '../../common/validation/parameter_types.js';

/** That a description has the form of an id is how Keystone has it. */
export const roleCreateV2: JsonSchema = {
  type: 'object',
  properties: { name, id: idString, description: idString },
  required: ['name'],
  additionalProperties: true,
};
