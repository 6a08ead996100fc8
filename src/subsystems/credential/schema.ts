/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';

const text: JsonSchema = { type: 'string' };
const properties = { blob: text, project_id: text, type: text, user_id: text };

/** EC2 credentials need a project; for all others it is optional. */
export const credentialCreate: JsonSchema = {
  type: 'object',
  properties,
  additionalProperties: true,
  required: ['blob', 'type', 'user_id'],
  anyOf: [{ required: ['project_id'] }, { properties: { type: { not: { enum: ['ec2'] } } } }],
};

export const credentialUpdate: JsonSchema = {
  type: 'object',
  properties,
  minProperties: 1,
  additionalProperties: true,
};
