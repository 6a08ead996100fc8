/** JSON Schemas of request bodies. */
import type { JsonSchema } from '../../common/http/types.js';
import { boolean, description, name, nullable, url } from '../../common/validation/parameter_types.js';

const region = {
  id: { type: 'string' },
  description: nullable(description),
  parent_region_id: { type: ['string', 'null'] },
};

export const regionCreate: JsonSchema = {
  type: 'object',
  properties: region,
  additionalProperties: true,
};

export const regionUpdate: JsonSchema = { ...regionCreate, minProperties: 1 };

const service = {
  name,
  type: { type: 'string', minLength: 1, maxLength: 255 },
  enabled: boolean,
};

export const serviceCreate: JsonSchema = {
  type: 'object',
  properties: service,
  required: ['type'],
  additionalProperties: true,
};

export const serviceUpdate: JsonSchema = {
  type: 'object',
  properties: service,
  minProperties: 1,
  additionalProperties: true,
};

const endpoint = {
  enabled: boolean,
  interface: { type: 'string', enum: ['admin', 'internal', 'public'] },
  region_id: { type: 'string' },
  region: { type: 'string' },
  service_id: { type: 'string' },
  url,
};

export const endpointCreate: JsonSchema = {
  type: 'object',
  properties: endpoint,
  required: ['interface', 'service_id', 'url'],
  additionalProperties: true,
};

export const endpointUpdate: JsonSchema = {
  type: 'object',
  properties: endpoint,
  minProperties: 1,
  additionalProperties: true,
};

const endpointGroup = {
  description: nullable(description),
  filters: { type: 'object', additionalProperties: true },
  name,
};

export const endpointGroupCreate: JsonSchema = {
  type: 'object',
  properties: endpointGroup,
  required: ['name', 'filters'],
  additionalProperties: true,
};

export const endpointGroupUpdate: JsonSchema = {
  type: 'object',
  properties: endpointGroup,
  minProperties: 1,
  additionalProperties: true,
};
