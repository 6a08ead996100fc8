/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';
import {
  boolean,
  description,
  idString,
  nullable,
  shortName,
} from '../../common/validation/parameter_types.js';

const projectProperties = {
  description: nullable(description),
  domain_id: nullable(idString),
  enabled: boolean,
  is_domain: boolean,
  parent_id: nullable(idString),
  name: shortName,
};

export const projectCreate: JsonSchema = {
  type: 'object',
  properties: projectProperties,
  required: ['name'],
  additionalProperties: true,
};

export const projectUpdate: JsonSchema = {
  type: 'object',
  properties: projectProperties,
  minProperties: 1,
  additionalProperties: true,
};

const domainProperties = { description: nullable(description), enabled: boolean, name: shortName };

export const domainCreate: JsonSchema = {
  type: 'object',
  properties: domainProperties,
  required: ['name'],
  additionalProperties: true,
};

export const domainUpdate: JsonSchema = {
  type: 'object',
  properties: domainProperties,
  minProperties: 1,
  additionalProperties: true,
};
