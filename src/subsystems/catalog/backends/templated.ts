/**
 * A catalog out of a file, the same for every project. It is read when the service starts.
 * Source: `[catalog] template_file`.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findInFolders, standardFolders } from '../../../common/config/locations.js';
import { EndpointNotFound, RegionNotFound, ServiceNotFound } from '../../../common/errors.js';
import type { DriverContext } from '../../subsystem.js';
import type { CatalogDriver } from '../driver.js';
import type { Endpoint, Region, Service, StoredCatalog } from '../types.js';
import { ReadOnlyCatalogDriver } from './read_only.js';
import { parseTemplates, type TemplateService, type Templates } from './template_file.js';

/** @throws Error when the file cannot be read or understood */
export async function createDriver({ conf }: DriverContext): Promise<CatalogDriver> {
  const { template_file: name } = conf.catalog;
  const file = findInFolders(['', process.cwd(), ...standardFolders('keystone', process.env)], name);
  const path = file === null ? null : resolve(file);
  if (path === null) throw new Error(`[catalog] template_file = ${name}: there is no such file`);
  return new TemplatedCatalogDriver(parseTemplates(await read(path, name), path));
}

async function read(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Error(`[catalog] template_file = ${option}: ${path} cannot be read (${code})`, {
      cause: error,
    });
  }
}

export class TemplatedCatalogDriver extends ReadOnlyCatalogDriver {
  private readonly regions: ReadonlyMap<string, Region>;
  private readonly services: ReadonlyMap<string, Service>;
  private readonly endpoints: ReadonlyMap<string, Endpoint>;
  private readonly catalog: StoredCatalog;

  constructor(templates: Templates) {
    super();
    this.regions = new Map(
      [...templates.keys()].map((id) => [id, { id, description: '', parent_region_id: null }]),
    );
    const entries = [...templates].flatMap(([region, services]) =>
      [...services].map(([type, keys]) => ({ region, type, keys })),
    );
    const services = new Map<string, Service>();
    // A service of several regions is one service; its first region describes it.
    for (const { type, keys } of entries) if (!services.has(type)) services.set(type, toService(type, keys));
    this.services = services;
    const endpoints = entries.map(({ region, type, keys }) => toEndpoints(region, type, keys));
    this.endpoints = new Map(endpoints.flat().map((endpoint) => [endpoint.id, endpoint]));
    this.catalog = {
      services: entries.map(({ type, keys }, index) => ({
        id: type,
        type,
        name: keys.get('name') ?? '',
        endpoints: (endpoints[index] ?? []).map(({ id, interface: kind, region_id, url }) => ({
          id,
          interface: kind,
          region_id,
          url,
        })),
      })),
      filtered: false,
    };
  }

  async listRegions(): Promise<Region[]> {
    return [...this.regions.values()];
  }

  async getRegion(id: string): Promise<Region> {
    const region = this.regions.get(id);
    if (region === undefined) throw new RegionNotFound({ region_id: id });
    return region;
  }

  async regionParents(): Promise<ReadonlyMap<string, null>> {
    return new Map([...this.regions.keys()].map((id) => [id, null]));
  }

  async listServices(): Promise<Service[]> {
    return [...this.services.values()];
  }

  async getService(id: string): Promise<Service> {
    const service = this.services.get(id);
    if (service === undefined) throw new ServiceNotFound({ service_id: id });
    return service;
  }

  async listEndpoints(): Promise<Endpoint[]> {
    return [...this.endpoints.values()];
  }

  async listEndpointsFromIds(ids: readonly string[]): Promise<Endpoint[]> {
    return this.endpointsWhere((endpoint) => ids.includes(endpoint.id));
  }

  async listEndpointsOfServices(serviceIds: readonly string[]): Promise<Endpoint[]> {
    return this.endpointsWhere((endpoint) => serviceIds.includes(endpoint.service_id));
  }

  async listEndpointsInRegions(regionIds: readonly string[]): Promise<Endpoint[]> {
    return this.endpointsWhere(({ region_id }) => region_id !== null && regionIds.includes(region_id));
  }

  async getEndpoint(id: string): Promise<Endpoint> {
    const endpoint = this.endpoints.get(id);
    if (endpoint === undefined) throw new EndpointNotFound({ endpoint_id: id });
    return endpoint;
  }

  async catalogFor(): Promise<StoredCatalog> {
    return this.catalog;
  }

  private endpointsWhere(matches: (endpoint: Endpoint) => boolean): Endpoint[] {
    return [...this.endpoints.values()].filter(matches);
  }
}

function toService(type: string, keys: TemplateService): Service {
  return {
    id: type,
    type,
    name: keys.get('name') ?? '',
    description: keys.get('description') ?? '',
    enabled: true,
  };
}

function toEndpoints(region: string, type: string, keys: TemplateService): Endpoint[] {
  return [...keys]
    .filter(([key]) => key.endsWith('URL'))
    .map(([key, url]) => {
      const kind = key.slice(0, -'URL'.length);
      return {
        id: `${region}-${type}-${kind}`,
        interface: kind,
        service_id: type,
        region_id: region,
        url,
        enabled: true,
        legacy_endpoint_id: null,
      };
    });
}
