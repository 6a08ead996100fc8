/** JSON Schemas of request bodies of API v2.0. */
import type { JsonSchema } from '../../common/http/types.js';
import { boolean, description, idString, nullable } from '../../common/validation/parameter_types.js';

const name: JsonSchema = { type: 'string', minLength: 1, pattern: '[\\S]+' };
const password: JsonSchema = { type: ['string', 'null'] };

const user = {
  description: nullable(description),
  enabled: boolean,
  name,
  username: name,
  password,
  'OS-KSADM:password': password,
  tenantId: nullable(idString),
};

export const userCreateV2: JsonSchema = {
  type: 'object',
  properties: user,
  anyOf: [{ required: ['username'] }, { required: ['name'] }],
  additionalProperties: true,
};

export const userUpdateV2: JsonSchema = { type: 'object', properties: user, additionalProperties: true };

export const userEnableV2: JsonSchema = { ...userUpdateV2, required: ['enabled'] };
