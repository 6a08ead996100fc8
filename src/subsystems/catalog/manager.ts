/**
 * Regions, services and endpoints, and the catalog in tokens: the rules of the business.
 * Source: Identity API v3, Service catalog and endpoints; Keystone 10.0.3 behaviour.
 */
import { uuidHex } from '../../common/crypto/random_ids.js';
import {
  CircularRegionHierarchyError,
  NotFound,
  RegionDeletionError,
  URLValidationError,
  ValidationError,
} from '../../common/errors.js';
import type { Hints } from '../../common/hints.js';
import { substituteEndpoint } from '../../common/http/base_url.js';
import { limitList } from '../../common/http/list.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { CatalogService } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';
import type { ManagerContext } from '../subsystem.js';
import type { CatalogDriver } from './driver.js';
import { EndpointFilter } from './endpoint_filter.js';
import { isValidEndpointUrl, type Substitutions } from './endpoint_url.js';
import { regionLineage, regionSubtree } from './regions.js';
import { TokenCatalog } from './token_catalog.js';
import type { Endpoint, Region, Service } from './types.js';

export class CatalogManager {
  /** Associations of endpoints with projects (OS-EP-FILTER). */
  readonly endpointFilter: EndpointFilter;
  private readonly tokenCatalog: TokenCatalog;

  constructor(
    private readonly driver: CatalogDriver,
    private readonly context: ManagerContext,
  ) {
    this.endpointFilter = new EndpointFilter(driver, context);
    this.tokenCatalog = new TokenCatalog(substitutionsOf(context.conf));
  }

  /**
   * The catalog for a token: enabled services with their enabled endpoints, as far as these are for the project.
   * @param projectId null for a token without a project: endpoints whose URL names the project are left out
   */
  async getV3Catalog(userId: string, projectId: string | null): Promise<CatalogService[]> {
    return this.tokenCatalog.render(await this.driver.catalogFor(projectId), userId, projectId);
  }

  /** @throws Conflict when the id is taken; RegionNotFound when the parent does not exist */
  async createRegion(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Region> {
    const { id: given, description, parent_region_id: parent = null, ...extra } = attributes;
    const id = given === undefined || given === null || given === '' ? uuidHex() : (given as string);
    const region: Region = {
      ...extra,
      id,
      description: (description ?? '') as string,
      parent_region_id: parent as string | null,
    };
    return this.write(async () => {
      if (region.parent_region_id !== null) await this.driver.getRegion(region.parent_region_id);
      const created = await this.driver.createRegion(region);
      await this.context.notifications.created('region', id, initiator);
      return created;
    });
  }

  /** @throws RegionNotFound */
  getRegion(id: string): Promise<Region> {
    return this.driver.getRegion(id);
  }

  listRegions(hints: Hints): Promise<Region[]> {
    return this.driver.listRegions(this.limited(hints));
  }

  /** The region and its ancestors, nearest first; empty when there is no such region. */
  async regionLineage(id: string): Promise<string[]> {
    return regionLineage(await this.driver.regionParents(), id);
  }

  /** The given regions with all regions beneath them, by the id of the given one. */
  async regionSubtrees(ids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const parents = await this.driver.regionParents();
    return new Map(ids.map((id) => [id, new Set(regionSubtree(parents, id))]));
  }

  /** @throws RegionNotFound, CircularRegionHierarchyError */
  async updateRegion(id: string, changes: Partial<Region>, initiator: Initiator | null): Promise<Region> {
    const checked = {
      ...changes,
      ...('description' in changes && { description: changes.description ?? '' }),
    };
    return this.write(async () => {
      const parent = changes.parent_region_id ?? null;
      if (parent !== null) {
        await this.driver.getRegion(parent);
        await this.driver.getRegion(id);
        if (regionLineage(await this.driver.regionParents(), parent).includes(id)) {
          throw new CircularRegionHierarchyError({ parent_region_id: parent });
        }
      }
      const region = await this.driver.updateRegion(id, checked);
      await this.context.notifications.updated('region', id, initiator);
      return region;
    });
  }

  /**
   * Delete a region with the regions beneath it.
   * @throws RegionNotFound; RegionDeletionError while one of them has endpoints
   */
  async deleteRegion(id: string, initiator: Initiator | null): Promise<void> {
    await this.write(async () => {
      await this.driver.getRegion(id);
      const leavesFirst = regionSubtree(await this.driver.regionParents(), id).reverse();
      if ((await this.driver.listEndpointsInRegions(leavesFirst)).length > 0) {
        throw new RegionDeletionError({ region_id: id });
      }
      await this.driver.deleteRegions(leavesFirst);
      for (const deleted of leavesFirst) {
        await this.context.notifications.deleted('region', deleted, initiator);
      }
    });
  }

  async createService(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Service> {
    const id = uuidHex();
    return this.write(async () => {
      const service = await this.driver.createService({
        ...attributes,
        id,
        type: attributes['type'] as string,
        name: (attributes['name'] ?? '') as string,
        enabled: (attributes['enabled'] ?? true) as boolean,
      });
      await this.context.notifications.created('service', id, initiator);
      return service;
    });
  }

  /** @throws ServiceNotFound */
  getService(id: string): Promise<Service> {
    return this.driver.getService(id);
  }

  listServices(hints: Hints): Promise<Service[]> {
    return this.driver.listServices(this.limited(hints));
  }

  /** @throws ServiceNotFound */
  async updateService(id: string, changes: Partial<Service>, initiator: Initiator | null): Promise<Service> {
    return this.write(async () => {
      const service = await this.driver.updateService(id, changes);
      await this.context.notifications.updated('service', id, initiator);
      return service;
    });
  }

  /** Delete a service with its endpoints. @throws ServiceNotFound */
  async deleteService(id: string, initiator: Initiator | null): Promise<void> {
    const { notifications } = this.context;
    await this.write(async () => {
      const endpoints = await this.driver.listEndpointsOfServices([id]);
      await this.driver.deleteService(id);
      for (const endpoint of endpoints) await notifications.deleted('endpoint', endpoint.id, initiator);
      await notifications.deleted('service', id, initiator);
    });
  }

  /**
   * @param attributes with `region` in place of `region_id` the region is made when it is missing, as clients of v2.0
   *   expect it
   * @throws URLValidationError; ValidationError when the service or `region_id` does not exist
   */
  async createEndpoint(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Endpoint> {
    const id = uuidHex();
    return this.write(async () => {
      const checked = await this.checkEndpoint(attributes, initiator);
      const endpoint = await this.driver.createEndpoint({
        ...checked,
        id,
        interface: checked['interface'] as string,
        service_id: checked['service_id'] as string,
        region_id: (checked['region_id'] ?? null) as string | null,
        url: checked['url'] as string,
        enabled: (checked['enabled'] ?? true) as boolean,
        legacy_endpoint_id: (checked['legacy_endpoint_id'] ?? null) as string | null,
      });
      await this.context.notifications.created('endpoint', id, initiator);
      return endpoint;
    });
  }

  /** @throws EndpointNotFound */
  getEndpoint(id: string): Promise<Endpoint> {
    return this.driver.getEndpoint(id);
  }

  listEndpoints(hints: Hints): Promise<Endpoint[]> {
    return this.driver.listEndpoints(this.limited(hints));
  }

  /** Unknown ids are passed over. */
  listEndpointsFromIds(ids: readonly string[]): Promise<Endpoint[]> {
    return this.driver.listEndpointsFromIds(ids);
  }

  listEndpointsOfServices(serviceIds: readonly string[]): Promise<Endpoint[]> {
    return this.driver.listEndpointsOfServices(serviceIds);
  }

  /** As createEndpoint. @throws EndpointNotFound, URLValidationError, ValidationError */
  async updateEndpoint(
    id: string,
    changes: Partial<Endpoint>,
    initiator: Initiator | null,
  ): Promise<Endpoint> {
    return this.write(async () => {
      const endpoint = await this.driver.updateEndpoint(id, await this.checkEndpoint(changes, initiator));
      await this.context.notifications.updated('endpoint', id, initiator);
      return endpoint;
    });
  }

  /** @throws EndpointNotFound */
  async deleteEndpoint(id: string, initiator: Initiator | null): Promise<void> {
    await this.write(async () => {
      await this.driver.deleteEndpoint(id);
      await this.context.notifications.deleted('endpoint', id, initiator);
    });
  }

  private async write<T>(work: () => Promise<T>): Promise<T> {
    this.driver.assertWritable();
    return this.context.transaction(work);
  }

  private limited(hints: Hints): Hints {
    const { conf } = this.context;
    limitList(hints, conf.catalog.list_limit, conf.DEFAULT.list_limit);
    return hints;
  }

  /** What endpoints refer to must exist; `region` becomes `region_id`. */
  private async checkEndpoint(
    { region, ...attributes }: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Record<string, unknown>> {
    const { url, service_id: serviceId, region_id: regionId } = attributes;
    if (typeof url === 'string' && !isValidEndpointUrl(url)) throw new URLValidationError({ url });
    if (typeof serviceId === 'string' && !(await exists(this.driver.getService(serviceId)))) {
      throw new ValidationError({ attribute: 'endpoint service_id', target: 'service table' });
    }
    if (typeof regionId === 'string') {
      if (await exists(this.driver.getRegion(regionId))) return attributes;
      throw new ValidationError({ attribute: 'endpoint region_id', target: 'region table' });
    }
    if (typeof region !== 'string') return attributes;
    if (!(await exists(this.driver.getRegion(region)))) await this.createRegion({ id: region }, initiator);
    return { ...attributes, region_id: region };
  }
}

async function exists(entity: Promise<unknown>): Promise<boolean> {
  try {
    await entity;
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

function substitutionsOf(conf: Conf): Substitutions {
  const { public_bind_host, admin_bind_host, public_port, admin_port } = conf.eventlet_server;
  const options = { ...conf.eventlet_server, ...conf.DEFAULT };
  const endpoint = (option: 'public_endpoint' | 'admin_endpoint'): string | null =>
    substituteEndpoint(option, conf.DEFAULT[option], options);
  return {
    public_bind_host,
    admin_bind_host,
    public_port,
    admin_port,
    public_endpoint: endpoint('public_endpoint'),
    admin_endpoint: endpoint('admin_endpoint'),
  };
}
