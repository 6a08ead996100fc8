/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';
import { boolean, description, idString, nullable } from '../../common/validation/parameter_types.js';

/** How long a name may be is the manager's to say: the schema does not know the backend. */
const name: JsonSchema = { type: 'string', minLength: 1, pattern: '[\\S]+' };

const password: JsonSchema = { type: ['string', 'null'] };

const userProperties = {
  default_project_id: nullable(idString),
  description: nullable(description),
  domain_id: idString,
  enabled: boolean,
  name,
  password,
};

export const userCreate: JsonSchema = {
  type: 'object',
  properties: userProperties,
  required: ['name'],
  additionalProperties: true,
};

export const userUpdate: JsonSchema = {
  type: 'object',
  properties: userProperties,
  minProperties: 1,
  additionalProperties: true,
};

/** That both are there is checked by the controller, with the text that clients know. */
export const passwordChange: JsonSchema = {
  type: 'object',
  properties: { original_password: password, password },
  additionalProperties: true,
};

const groupProperties = { description: nullable(description), domain_id: idString, name };

export const groupCreate: JsonSchema = {
  type: 'object',
  properties: groupProperties,
  required: ['name'],
  additionalProperties: true,
};

export const groupUpdate: JsonSchema = {
  type: 'object',
  properties: groupProperties,
  minProperties: 1,
  additionalProperties: true,
};
