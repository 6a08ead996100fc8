/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';
import { boolean, idString, nullable } from '../../common/validation/parameter_types.js';

/** User ids of directories follow no pattern. */
const userId: JsonSchema = { type: 'string', minLength: 1, maxLength: 64 };
const text: JsonSchema = { type: 'string' };

export const trustCreate: JsonSchema = {
  type: 'object',
  properties: {
    trustor_user_id: userId,
    trustee_user_id: userId,
    impersonation: boolean,
    project_id: nullable(idString),
    remaining_uses: { type: ['integer', 'null'], minimum: 1 },
    expires_at: nullable(text),
    allow_redelegation: nullable(boolean),
    redelegation_count: { type: ['integer', 'null'], minimum: 0 },
    roles: {
      type: 'array',
      items: {
        type: 'object',
        properties: { id: text, name: text },
        anyOf: [{ required: ['id'] }, { required: ['name'] }],
      },
    },
  },
  required: ['trustor_user_id', 'trustee_user_id', 'impersonation'],
  additionalProperties: true,
};
