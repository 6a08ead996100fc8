/** A catalog that cannot be changed through the API, and that knows no associations with projects. */
import { NotImplemented } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import type { CatalogDriver } from '../driver.js';
import type {
  Endpoint,
  EndpointGroup,
  ProjectEndpointGroup,
  Region,
  Service,
  StoredCatalog,
} from '../types.js';

/** Every change answers 501, as do all questions about associations. */
export abstract class ReadOnlyCatalogDriver implements CatalogDriver {
  abstract listRegions(hints: Hints): Promise<Region[]>;
  abstract getRegion(id: string): Promise<Region>;
  abstract regionParents(): Promise<ReadonlyMap<string, string | null>>;
  abstract listServices(hints: Hints): Promise<Service[]>;
  abstract getService(id: string): Promise<Service>;
  abstract listEndpoints(hints: Hints): Promise<Endpoint[]>;
  abstract listEndpointsFromIds(ids: readonly string[]): Promise<Endpoint[]>;
  abstract listEndpointsOfServices(serviceIds: readonly string[]): Promise<Endpoint[]>;
  abstract listEndpointsInRegions(regionIds: readonly string[]): Promise<Endpoint[]>;
  abstract getEndpoint(id: string): Promise<Endpoint>;
  abstract catalogFor(projectId: string | null): Promise<StoredCatalog>;

  assertWritable(): void {
    throw new NotImplemented();
  }

  async createRegion(): Promise<Region> {
    throw new NotImplemented();
  }

  async updateRegion(): Promise<Region> {
    throw new NotImplemented();
  }

  async deleteRegions(): Promise<void> {
    throw new NotImplemented();
  }

  async createService(): Promise<Service> {
    throw new NotImplemented();
  }

  async updateService(): Promise<Service> {
    throw new NotImplemented();
  }

  async deleteService(): Promise<void> {
    throw new NotImplemented();
  }

  async createEndpoint(): Promise<Endpoint> {
    throw new NotImplemented();
  }

  async updateEndpoint(): Promise<Endpoint> {
    throw new NotImplemented();
  }

  async deleteEndpoint(): Promise<void> {
    throw new NotImplemented();
  }

  async addEndpointToProject(): Promise<void> {
    throw new NotImplemented();
  }

  async checkEndpointInProject(): Promise<void> {
    throw new NotImplemented();
  }

  async removeEndpointFromProject(): Promise<void> {
    throw new NotImplemented();
  }

  async listEndpointIdsOfProject(): Promise<string[]> {
    throw new NotImplemented();
  }

  async listProjectIdsOfEndpoint(): Promise<string[]> {
    throw new NotImplemented();
  }

  async createEndpointGroup(): Promise<EndpointGroup> {
    throw new NotImplemented();
  }

  async listEndpointGroups(): Promise<EndpointGroup[]> {
    throw new NotImplemented();
  }

  async listEndpointGroupsOfProject(): Promise<EndpointGroup[]> {
    throw new NotImplemented();
  }

  async getEndpointGroup(): Promise<EndpointGroup> {
    throw new NotImplemented();
  }

  async updateEndpointGroup(): Promise<EndpointGroup> {
    throw new NotImplemented();
  }

  async deleteEndpointGroup(): Promise<void> {
    throw new NotImplemented();
  }

  async addEndpointGroupToProject(): Promise<void> {
    throw new NotImplemented();
  }

  async getEndpointGroupInProject(): Promise<ProjectEndpointGroup> {
    throw new NotImplemented();
  }

  async removeEndpointGroupFromProject(): Promise<void> {
    throw new NotImplemented();
  }

  async listProjectIdsOfEndpointGroup(): Promise<string[]> {
    throw new NotImplemented();
  }

  async deleteEndpointAssociations(): Promise<void> {
    // There are none: projects come and go all the same.
  }

  async deleteProjectAssociations(): Promise<void> {
    // There are none: projects come and go all the same.
  }
}
