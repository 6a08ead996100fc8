/** Regions, services, endpoints and what narrows endpoints down per project. Source: Identity API v3, Service catalog. */

export interface Region {
  /** Chosen by the operator, e.g. `RegionOne`; generated when not given. */
  readonly id: string;
  readonly description: string;
  readonly parent_region_id: string | null;
  /** Attributes beyond the API's own are kept and returned as they came. */
  readonly [extra: string]: unknown;
}

export interface Service {
  readonly id: string;
  readonly type: string;
  /** '' for a service without a name. */
  readonly name: string;
  readonly enabled: boolean;
  readonly [extra: string]: unknown;
}

export interface Endpoint {
  readonly id: string;
  /** `public`, `internal` or `admin`. */
  readonly interface: string;
  readonly service_id: string;
  readonly region_id: string | null;
  /** May hold substitutions, see `endpoint_url.ts`. */
  readonly url: string;
  readonly enabled: boolean;
  /** Joins up to three endpoints that v2.0 made as one; never shown in v3. */
  readonly legacy_endpoint_id: string | null;
  readonly [extra: string]: unknown;
}

/** An endpoint as the stored catalog holds it: its URL is still a template. Other attributes come along. */
export interface StoredCatalogEndpoint {
  readonly id: string;
  readonly interface: string;
  readonly region_id: string | null;
  readonly url: string;
  readonly [extra: string]: unknown;
}

export interface StoredCatalogService {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly StoredCatalogEndpoint[];
}

/** The enabled services with their enabled endpoints. */
export interface StoredCatalog {
  readonly services: readonly StoredCatalogService[];
  /** Whether endpoints were picked for the project: services that are left without any do not show then. */
  readonly filtered: boolean;
}

/** What endpoints an endpoint group holds: those that have all of these values. Others keys are refused. */
export type EndpointGroupFilters = Readonly<Record<string, unknown>>;

/** Endpoints that can be associated with projects together. Source: OS-EP-FILTER. */
export interface EndpointGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly filters: EndpointGroupFilters;
}

export interface ProjectEndpointGroup {
  readonly endpoint_group_id: string;
  readonly project_id: string;
}
