/** Routes of regions, services and endpoints, and of OS-EP-FILTER. */
import { coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import {
  ENDPOINT_FILTERS,
  EndpointController,
  REGION_FILTERS,
  RegionController,
  SERVICE_FILTERS,
  ServiceController,
} from './controllers.js';
import { endpointFilterRoutes } from './endpoint_filter_routers.js';
import type { CatalogManager } from './manager.js';
import {
  endpointCreate,
  endpointUpdate,
  regionCreate,
  regionUpdate,
  serviceCreate,
  serviceUpdate,
} from './schema.js';

type Members = Extract<Access, { kind: 'protected' }>['members'];

function protectedBy(action: string, members?: Members): Access {
  const access = { kind: 'protected', target: `identity:${action}` } as const;
  return members === undefined ? access : { ...access, members };
}

function filtered(action: string, filters: readonly string[]): Access {
  return { kind: 'filter', target: `identity:${action}`, filters };
}

export function catalogRoutes(manager: CatalogManager): readonly Route[] {
  return [
    ...endpointFilterRoutes(manager.endpointFilter),
    ...regionRoutes(new RegionController(manager)),
    ...serviceRoutes(new ServiceController(manager)),
    ...endpointRoutes(new EndpointController(manager)),
  ];
}

function regionRoutes(regions: RegionController): readonly Route[] {
  const collection = '/regions';
  const member = '/regions/{region_id}';
  return [
    {
      method: 'PUT',
      path: member,
      access: protectedBy('create_region'),
      schema: { member: 'region', schema: regionCreate },
      handler: regions.createWithId,
    },
    {
      method: 'POST',
      path: collection,
      access: protectedBy('create_region'),
      schema: { member: 'region', schema: regionCreate },
      handler: regions.create,
      rel: coreRel('regions'),
    },
    {
      method: 'GET',
      path: collection,
      access: filtered('list_regions', REGION_FILTERS),
      handler: regions.list,
    },
    {
      method: 'GET',
      path: member,
      access: protectedBy('get_region'),
      handler: regions.get,
      rel: coreRel('region'),
    },
    {
      method: 'PATCH',
      path: member,
      access: protectedBy('update_region'),
      schema: { member: 'region', schema: regionUpdate },
      handler: regions.update,
    },
    { method: 'DELETE', path: member, access: protectedBy('delete_region'), handler: regions.delete },
  ];
}

function serviceRoutes(services: ServiceController): readonly Route[] {
  const collection = '/services';
  const member = '/services/{service_id}';
  return [
    {
      method: 'POST',
      path: collection,
      access: protectedBy('create_service'),
      schema: { member: 'service', schema: serviceCreate },
      handler: services.create,
      rel: coreRel('services'),
    },
    {
      method: 'GET',
      path: collection,
      access: filtered('list_services', SERVICE_FILTERS),
      handler: services.list,
    },
    {
      method: 'GET',
      path: member,
      access: protectedBy('get_service', services.target),
      handler: services.get,
      rel: coreRel('service'),
    },
    {
      method: 'PATCH',
      path: member,
      access: protectedBy('update_service', services.target),
      schema: { member: 'service', schema: serviceUpdate },
      handler: services.update,
    },
    {
      method: 'DELETE',
      path: member,
      access: protectedBy('delete_service', services.target),
      handler: services.delete,
    },
  ];
}

function endpointRoutes(endpoints: EndpointController): readonly Route[] {
  const collection = '/endpoints';
  const member = '/endpoints/{endpoint_id}';
  return [
    {
      method: 'POST',
      path: collection,
      access: protectedBy('create_endpoint'),
      schema: { member: 'endpoint', schema: endpointCreate },
      handler: endpoints.create,
      rel: coreRel('endpoints'),
    },
    {
      method: 'GET',
      path: collection,
      access: filtered('list_endpoints', ENDPOINT_FILTERS),
      handler: endpoints.list,
    },
    {
      method: 'GET',
      path: member,
      access: protectedBy('get_endpoint', endpoints.target),
      handler: endpoints.get,
      rel: coreRel('endpoint'),
    },
    {
      method: 'PATCH',
      path: member,
      access: protectedBy('update_endpoint', endpoints.target),
      schema: { member: 'endpoint', schema: endpointUpdate },
      handler: endpoints.update,
    },
    {
      method: 'DELETE',
      path: member,
      access: protectedBy('delete_endpoint', endpoints.target),
      handler: endpoints.delete,
    },
  ];
}
