/** JSON Schemas of request bodies of API v2.0. */
import type { JsonSchema } from '../../common/http/types.js';
import {
  boolean,
  description,
  idString,
  nullable,
  shortName,
} from '../../common/validation/parameter_types.js';

const tenant = {
  description: nullable(description),
  enabled: boolean,
  id: nullable(idString),
  name: shortName,
};

export const tenantCreate: JsonSchema = {
  type: 'object',
  properties: tenant,
  required: ['name'],
  not: { required: ['is_domain'] },
  additionalProperties: true,
};

export const tenantUpdate: JsonSchema = {
  type: 'object',
  properties: tenant,
  not: { anyOf: [{ required: ['is_domain'] }, { required: ['domain_id'] }] },
  minProperties: 1,
  additionalProperties: true,
};
