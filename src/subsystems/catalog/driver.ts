/** What a catalog backend can do. Suites in `test/conformance/catalog.ts` hold every backend to this. */
import type { Hints } from '../../common/hints.js';
import type { ShapeOf } from '../../common/shape.js';
import type {
  Endpoint,
  EndpointGroup,
  ProjectEndpointGroup,
  Region,
  Service,
  StoredCatalog,
} from './types.js';

export interface CatalogDriver extends EndpointFilterDriver {
  /** Asked before every change of regions, services and endpoints. @throws NotImplemented by backends that only read */
  assertWritable(): void;

  /** @throws Conflict when the id is taken */
  createRegion(region: Region): Promise<Region>;
  /** Filters that the backend applied are marked satisfied in the hints; so with all lists. */
  listRegions(hints: Hints): Promise<Region[]>;
  /** @throws RegionNotFound */
  getRegion(id: string): Promise<Region>;
  /** @throws RegionNotFound */
  updateRegion(id: string, changes: Partial<Region>): Promise<Region>;
  /** Regions that do not exist are passed over. */
  deleteRegions(ids: readonly string[]): Promise<void>;
  /** Parent of every region, null for those at the top. */
  regionParents(): Promise<ReadonlyMap<string, string | null>>;

  createService(service: Service): Promise<Service>;
  listServices(hints: Hints): Promise<Service[]>;
  /** @throws ServiceNotFound */
  getService(id: string): Promise<Service>;
  /** @throws ServiceNotFound */
  updateService(id: string, changes: Partial<Service>): Promise<Service>;
  /** Deletes the service's endpoints as well. @throws ServiceNotFound */
  deleteService(id: string): Promise<void>;

  createEndpoint(endpoint: Endpoint): Promise<Endpoint>;
  listEndpoints(hints: Hints): Promise<Endpoint[]>;
  listEndpointsFromIds(ids: readonly string[]): Promise<Endpoint[]>;
  listEndpointsOfServices(serviceIds: readonly string[]): Promise<Endpoint[]>;
  listEndpointsInRegions(regionIds: readonly string[]): Promise<Endpoint[]>;
  /** @throws EndpointNotFound */
  getEndpoint(id: string): Promise<Endpoint>;
  /** @throws EndpointNotFound */
  updateEndpoint(id: string, changes: Partial<Endpoint>): Promise<Endpoint>;
  /** @throws EndpointNotFound */
  deleteEndpoint(id: string): Promise<void>;

  /**
   * What a token for the project holds: enabled services with enabled endpoints, ordered by their ids.
   * @param projectId null for a token without a project
   */
  catalogFor(projectId: string | null): Promise<StoredCatalog>;
}

/** Associations of endpoints with projects. */
export interface EndpointFilterDriver {
  /** @throws Conflict when they are associated already */
  addEndpointToProject(endpointId: string, projectId: string): Promise<void>;
  /** @throws NotFound when they are not associated */
  checkEndpointInProject(endpointId: string, projectId: string): Promise<void>;
  /** @throws NotFound when they are not associated */
  removeEndpointFromProject(endpointId: string, projectId: string): Promise<void>;
  /** Endpoints associated by themselves, not through groups. */
  listEndpointIdsOfProject(projectId: string): Promise<string[]>;
  listProjectIdsOfEndpoint(endpointId: string): Promise<string[]>;

  createEndpointGroup(group: EndpointGroup): Promise<EndpointGroup>;
  listEndpointGroups(): Promise<EndpointGroup[]>;
  listEndpointGroupsOfProject(projectId: string): Promise<EndpointGroup[]>;
  /** @throws EndpointGroupNotFound */
  getEndpointGroup(id: string): Promise<EndpointGroup>;
  /** @throws EndpointGroupNotFound */
  updateEndpointGroup(id: string, changes: Partial<EndpointGroup>): Promise<EndpointGroup>;
  /** Deletes its associations as well. @throws EndpointGroupNotFound */
  deleteEndpointGroup(id: string): Promise<void>;

  /** @throws Conflict when they are associated already */
  addEndpointGroupToProject(groupId: string, projectId: string): Promise<void>;
  /** @throws NotFound when they are not associated */
  getEndpointGroupInProject(groupId: string, projectId: string): Promise<ProjectEndpointGroup>;
  /** @throws NotFound when they are not associated */
  removeEndpointGroupFromProject(groupId: string, projectId: string): Promise<void>;
  listProjectIdsOfEndpointGroup(groupId: string): Promise<string[]>;

  /** Forgets the endpoint. Backends without associations do nothing. */
  deleteEndpointAssociations(endpointId: string): Promise<void>;
  /** Forgets the project, and its endpoint groups. Backends without associations do nothing. */
  deleteProjectAssociations(projectId: string): Promise<void>;
}

const ENDPOINT_FILTER_DRIVER_SHAPE: ShapeOf<EndpointFilterDriver> = {
  addEndpointToProject: 'method',
  checkEndpointInProject: 'method',
  removeEndpointFromProject: 'method',
  listEndpointIdsOfProject: 'method',
  listProjectIdsOfEndpoint: 'method',
  createEndpointGroup: 'method',
  listEndpointGroups: 'method',
  listEndpointGroupsOfProject: 'method',
  getEndpointGroup: 'method',
  updateEndpointGroup: 'method',
  deleteEndpointGroup: 'method',
  addEndpointGroupToProject: 'method',
  getEndpointGroupInProject: 'method',
  removeEndpointGroupFromProject: 'method',
  listProjectIdsOfEndpointGroup: 'method',
  deleteEndpointAssociations: 'method',
  deleteProjectAssociations: 'method',
};

/** What is asked of drivers of packages. */
export const CATALOG_DRIVER_SHAPE: ShapeOf<CatalogDriver> = {
  ...ENDPOINT_FILTER_DRIVER_SHAPE,
  assertWritable: 'method',
  createRegion: 'method',
  listRegions: 'method',
  getRegion: 'method',
  updateRegion: 'method',
  deleteRegions: 'method',
  regionParents: 'method',
  createService: 'method',
  listServices: 'method',
  getService: 'method',
  updateService: 'method',
  deleteService: 'method',
  createEndpoint: 'method',
  listEndpoints: 'method',
  listEndpointsFromIds: 'method',
  listEndpointsOfServices: 'method',
  listEndpointsInRegions: 'method',
  getEndpoint: 'method',
  updateEndpoint: 'method',
  deleteEndpoint: 'method',
  catalogFor: 'method',
};
