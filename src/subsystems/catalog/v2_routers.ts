/** Routes of services and endpoints of API v2.0, on the admin stack. */
import type { Access, Route } from '../../common/http/types.js';
import type { V2Context } from '../v2.js';
import { SERVICE_IN_BODY, V2EndpointController, V2ServiceController } from './v2_controllers.js';
import { endpointCreateV2, serviceCreateV2 } from './v2_schema.js';

export function v2CatalogRoutes(context: V2Context): readonly Route[] {
  const services = new V2ServiceController(context);
  const endpoints = new V2EndpointController(context);
  const access: Access = { kind: 'v2_admin' };
  return [
    { method: 'GET', path: '/OS-KSADM/services', access, handler: services.list },
    {
      method: 'POST',
      path: '/OS-KSADM/services',
      access,
      schema: { member: SERVICE_IN_BODY, schema: serviceCreateV2 },
      handler: services.create,
    },
    { method: 'GET', path: '/OS-KSADM/services/{service_id}', access, handler: services.get },
    { method: 'DELETE', path: '/OS-KSADM/services/{service_id}', access, handler: services.delete },
    { method: 'GET', path: '/endpoints', access, handler: endpoints.list },
    {
      method: 'POST',
      path: '/endpoints',
      access,
      schema: { member: 'endpoint', schema: endpointCreateV2 },
      handler: endpoints.create,
    },
    { method: 'DELETE', path: '/endpoints/{endpoint_id}', access, handler: endpoints.delete },
  ];
}
