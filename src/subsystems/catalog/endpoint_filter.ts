/** Endpoints of single projects: associations one by one and through endpoint groups. Source: OS-EP-FILTER. */
import { uuidHex } from '../../common/crypto/random_ids.js';
import { Hints } from '../../common/hints.js';
import type { Project } from '../resource/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { CatalogDriver } from './driver.js';
import { checkGroupFilters, inGroup } from './endpoint_groups.js';
import type { Endpoint, EndpointGroup, EndpointGroupFilters, ProjectEndpointGroup } from './types.js';

export interface EndpointGroupAttributes {
  readonly name: string;
  readonly description?: string | null;
  readonly filters: EndpointGroupFilters;
}

export class EndpointFilter {
  constructor(
    private readonly driver: CatalogDriver,
    private readonly context: ManagerContext,
  ) {
    const { notifications } = context;
    notifications.on('endpoint', 'deleted', ({ id }) => driver.deleteEndpointAssociations(id));
    notifications.on('project', 'deleted', ({ id }) => driver.deleteProjectAssociations(id));
    notifications.on('domain', 'deleted', ({ id }) => driver.deleteProjectAssociations(id));
  }

  /** @throws EndpointNotFound, ProjectNotFound, Conflict */
  async addEndpointToProject(endpointId: string, projectId: string): Promise<void> {
    await this.driver.getEndpoint(endpointId);
    await this.getProject(projectId);
    await this.driver.addEndpointToProject(endpointId, projectId);
  }

  /** @throws EndpointNotFound, ProjectNotFound; NotFound when they are not associated */
  async checkEndpointInProject(endpointId: string, projectId: string): Promise<void> {
    await this.driver.getEndpoint(endpointId);
    await this.getProject(projectId);
    await this.driver.checkEndpointInProject(endpointId, projectId);
  }

  /** @throws NotFound when they are not associated */
  removeEndpointFromProject(endpointId: string, projectId: string): Promise<void> {
    return this.driver.removeEndpointFromProject(endpointId, projectId);
  }

  /** Endpoints associated with the project by themselves or through groups. @throws ProjectNotFound */
  async listEndpointsForProject(projectId: string): Promise<Endpoint[]> {
    await this.getProject(projectId);
    const own = new Set(await this.driver.listEndpointIdsOfProject(projectId));
    const groups = await this.driver.listEndpointGroupsOfProject(projectId);
    if (groups.length === 0) return this.driver.listEndpointsFromIds([...own]);
    const endpoints = await this.driver.listEndpoints(new Hints());
    return endpoints.filter(
      (endpoint) => own.has(endpoint.id) || groups.some(({ filters }) => inGroup(filters, endpoint)),
    );
  }

  /** @throws EndpointNotFound */
  async listProjectsForEndpoint(endpointId: string): Promise<Project[]> {
    await this.driver.getEndpoint(endpointId);
    return this.listProjects(await this.driver.listProjectIdsOfEndpoint(endpointId));
  }

  /** @throws ValidationError for filters that are none */
  async createEndpointGroup(attributes: EndpointGroupAttributes): Promise<EndpointGroup> {
    const { name, description = null, filters } = attributes;
    checkGroupFilters(filters);
    return this.driver.createEndpointGroup({ id: uuidHex(), name, description, filters });
  }

  /** @throws EndpointGroupNotFound */
  getEndpointGroup(id: string): Promise<EndpointGroup> {
    return this.driver.getEndpointGroup(id);
  }

  listEndpointGroups(): Promise<EndpointGroup[]> {
    return this.driver.listEndpointGroups();
  }

  /** @throws EndpointGroupNotFound; ValidationError for filters that are none */
  async updateEndpointGroup(id: string, changes: Partial<EndpointGroup>): Promise<EndpointGroup> {
    if (changes.filters !== undefined) checkGroupFilters(changes.filters);
    return this.context.transaction(() => this.driver.updateEndpointGroup(id, changes));
  }

  /** @throws EndpointGroupNotFound */
  async deleteEndpointGroup(id: string): Promise<void> {
    await this.context.transaction(() => this.driver.deleteEndpointGroup(id));
  }

  /** @throws ProjectNotFound */
  async listEndpointGroupsForProject(projectId: string): Promise<EndpointGroup[]> {
    await this.getProject(projectId);
    return this.driver.listEndpointGroupsOfProject(projectId);
  }

  /** Empty for a group that does not exist, as Keystone answers. */
  async listProjectsForEndpointGroup(groupId: string): Promise<Project[]> {
    return this.listProjects(await this.driver.listProjectIdsOfEndpointGroup(groupId));
  }

  /** @throws EndpointGroupNotFound */
  async listEndpointsInGroup(groupId: string): Promise<Endpoint[]> {
    const { filters } = await this.driver.getEndpointGroup(groupId);
    const endpoints = await this.driver.listEndpoints(new Hints());
    return endpoints.filter((endpoint) => inGroup(filters, endpoint));
  }

  /** @throws ProjectNotFound, EndpointGroupNotFound; NotFound when they are not associated */
  async getEndpointGroupInProject(groupId: string, projectId: string): Promise<ProjectEndpointGroup> {
    await this.requireGroupAndProject(groupId, projectId);
    return this.driver.getEndpointGroupInProject(groupId, projectId);
  }

  /** @throws ProjectNotFound, EndpointGroupNotFound, Conflict */
  async addEndpointGroupToProject(groupId: string, projectId: string): Promise<void> {
    await this.requireGroupAndProject(groupId, projectId);
    await this.driver.addEndpointGroupToProject(groupId, projectId);
  }

  /** @throws ProjectNotFound, EndpointGroupNotFound; NotFound when they are not associated */
  async removeEndpointGroupFromProject(groupId: string, projectId: string): Promise<void> {
    await this.requireGroupAndProject(groupId, projectId);
    await this.driver.removeEndpointGroupFromProject(groupId, projectId);
  }

  private async requireGroupAndProject(groupId: string, projectId: string): Promise<void> {
    await this.getProject(projectId);
    await this.driver.getEndpointGroup(groupId);
  }

  private getProject(id: string): Promise<Project> {
    return this.context.providers.resource.getProject(id);
  }

  private listProjects(ids: readonly string[]): Promise<Project[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.context.providers.resource.listProjectsFromIds(ids);
  }
}
