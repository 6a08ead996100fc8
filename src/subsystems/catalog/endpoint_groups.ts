/** What an endpoint group holds. Source: OS-EP-FILTER. */
import { ValidationError } from '../../common/errors.js';
import type { Endpoint, EndpointGroupFilters } from './types.js';

const FILTER_KEYS = ['service_id', 'region_id', 'interface'] as const;

/** @throws ValidationError for an attribute that endpoints cannot be grouped by */
export function checkGroupFilters(filters: EndpointGroupFilters): void {
  for (const key of Object.keys(filters)) {
    if (!(FILTER_KEYS as readonly string[]).includes(key)) {
      throw new ValidationError({ attribute: FILTER_KEYS.join(' or '), target: 'endpoint_group' });
    }
  }
}

type Grouped = Pick<Endpoint, (typeof FILTER_KEYS)[number]>;

/** A group without filters holds every endpoint; one with a filter that is not known holds none. */
export function inGroup(filters: EndpointGroupFilters, endpoint: Grouped): boolean {
  const values: Readonly<Record<string, unknown>> = {
    service_id: endpoint.service_id,
    region_id: endpoint.region_id,
    interface: endpoint.interface,
  };
  return Object.entries(filters).every(([key, value]) => Object.hasOwn(values, key) && values[key] === value);
}
