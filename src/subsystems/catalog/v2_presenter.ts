/**
 * Endpoints as API v2.0 has them: one with up to three URLs, which in v3 are as many endpoints. What v2.0 made belongs
 * together by `legacy_endpoint_id`; what v3 made, by service and region.
 */
import type { Endpoint } from './types.js';

export const INTERFACES = ['public', 'internal', 'admin'] as const;
export type Interface = (typeof INTERFACES)[number];

/** Endpoints of v3 without a public URL are not seen by v2.0, where one is needed. */
export function presentEndpointsV2(endpoints: readonly Endpoint[]): object[] {
  const legacy = new Map<string, Record<string, unknown>>();
  const pure = new Map<string, Record<string, unknown>>();
  for (const endpoint of endpoints) {
    const { legacy_endpoint_id: legacyId, interface: kind, url, region_id: region, ...shown } = endpoint;
    const { service_id: serviceId, enabled } = endpoint;
    const isLegacy = legacyId !== null && legacyId !== '';
    const group = isLegacy ? legacy : pure;
    const key = isLegacy ? legacyId : JSON.stringify([serviceId, region]);
    let merged = group.get(key);
    if (merged === undefined) {
      // Further attributes of v2.0's endpoints are the same in all of them; those of others may differ.
      merged = isLegacy ? { ...shown, id: legacyId, region } : { service_id: serviceId, enabled, region };
      group.set(key, merged);
    }
    if (!isLegacy && kind === 'public') merged['id'] = endpoint.id;
    merged[`${kind}url`] = url;
  }
  return [...legacy.values(), ...[...pure.values()].filter((endpoint) => endpoint['id'] !== undefined)];
}
