/** The catalog, which all tokens with a scope hold. */
import { createEndpoint } from '../world.js';
import type { Change } from './types.js';

const FEWEST_ENDPOINTS = 2;
const MOST_ENDPOINTS = 4;

export const CATALOG_CHANGES: Readonly<Record<string, Change>> = {
  'an endpoint is changed': ({ world, random }) => {
    const service = random.pick(world.truth.services);
    const endpoint = random.pick(service?.endpoints ?? []);
    if (endpoint === undefined) return null;
    const url = `http://${world.fresh('host')}/${random.pick(['', '$(tenant_id)s', '$(user_id)s'])}`;
    return {
      of: `${endpoint.id} to ${url}`,
      make: (api) => api.done('PATCH', `/endpoints/${endpoint.id}`, { endpoint: { url } }),
      learn: () => void (endpoint.url = url),
    };
  },
  'an endpoint is disabled or enabled': ({ world, random }) => {
    const service = random.pick(world.truth.services);
    const endpoint = random.pick(service?.endpoints ?? []);
    if (endpoint === undefined) return null;
    const enabled = !endpoint.enabled;
    return {
      of: `${endpoint.id} to ${enabled}`,
      make: (api) => api.done('PATCH', `/endpoints/${endpoint.id}`, { endpoint: { enabled } }),
      learn: () => void (endpoint.enabled = enabled),
    };
  },
  'an endpoint is made': ({ world, random }) => {
    const service = random.pick(world.truth.services);
    if (service === undefined || service.endpoints.size >= MOST_ENDPOINTS) return null;
    const endpoint = { id: '', interface: 'public', url: `http://${world.fresh('host')}/`, enabled: true };
    return {
      of: endpoint.url,
      make: async (api) => Object.assign(endpoint, await createEndpoint(api, service.id, endpoint.url)),
      learn: () => void service.endpoints.add(endpoint),
    };
  },
  'an endpoint is deleted': ({ world, random }) => {
    const service = random.pick(world.truth.services);
    const endpoint = random.pick(service?.endpoints ?? []);
    if (service === undefined || endpoint === undefined) return null;
    if (service.endpoints.size <= FEWEST_ENDPOINTS) return null;
    return {
      of: endpoint.id,
      make: (api) => api.done('DELETE', `/endpoints/${endpoint.id}`),
      learn: () => void service.endpoints.delete(endpoint),
    };
  },
  'a service is disabled or enabled': ({ world, random }) => {
    const service = random.pick(world.truth.services);
    if (service === undefined) return null;
    const enabled = !service.enabled;
    return {
      of: `${service.id} to ${enabled}`,
      make: (api) => api.done('PATCH', `/services/${service.id}`, { service: { enabled } }),
      learn: () => void (service.enabled = enabled),
    };
  },
  'a service is renamed': ({ world, random }) => {
    const service = random.pick(world.truth.services);
    if (service === undefined) return null;
    const name = world.fresh('service');
    return {
      of: `${service.id} to ${name}`,
      make: (api) => api.done('PATCH', `/services/${service.id}`, { service: { name } }),
      learn: () => void (service.name = name),
    };
  },
};
