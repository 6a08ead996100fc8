/** HTTP ↔ manager for regions, services and endpoints. */

import { ValidationError } from '../../common/errors.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { CatalogManager } from './manager.js';
import { presentEndpoint, presentEndpoints } from './presenter.js';
import type { Endpoint, Region, Service } from './types.js';

export const REGION_FILTERS = ['parent_region_id'] as const;
export const SERVICE_FILTERS = ['type', 'name'] as const;
export const ENDPOINT_FILTERS = ['interface', 'service_id', 'region_id'] as const;

export class RegionController {
  constructor(private readonly catalog: CatalogManager) {}

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const region = await this.catalog.createRegion(
      request.body['region'] as unknown as Partial<Region>,
      initiatorOf(request),
    );
    return created(wrapMember(request.links, 'region', '/regions', region));
  };

  createWithId = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['region_id'] as string;
    const attributes = request.body['region'] as unknown as Partial<Region>;
    if ('id' in attributes && attributes.id !== id) {
      throw new ValidationError(`Conflicting region IDs specified: "${id}" != "${attributes.id}"`);
    }
    const region = await this.catalog.createRegion({ ...attributes, id }, initiatorOf(request));
    return created(wrapMember(request.links, 'region', '/regions', region));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, REGION_FILTERS);
    const { entities, truncated } = finishList(hints, await this.catalog.listRegions(hints));
    return ok(wrapCollection(request.links, 'regions', '/regions', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const region = await this.catalog.getRegion(request.params['region_id'] as string);
    return ok(wrapMember(request.links, 'region', '/regions', region));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['region_id'] as string;
    const changes = request.body['region'] as unknown as Partial<Region>;
    requireMatchingId(id, changes);
    const region = await this.catalog.updateRegion(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'region', '/regions', region));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.catalog.deleteRegion(request.params['region_id'] as string, initiatorOf(request));
    return noContent();
  };
}

export class ServiceController {
  constructor(private readonly catalog: CatalogManager) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    service: await this.catalog.getService(request.params['service_id'] as string),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const service = await this.catalog.createService(
      request.body['service'] as unknown as Partial<Service>,
      initiatorOf(request),
    );
    return created(wrapMember(request.links, 'service', '/services', service));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, SERVICE_FILTERS);
    const { entities, truncated } = finishList(hints, await this.catalog.listServices(hints));
    return ok(wrapCollection(request.links, 'services', '/services', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const service = await this.catalog.getService(request.params['service_id'] as string);
    return ok(wrapMember(request.links, 'service', '/services', service));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['service_id'] as string;
    const changes = request.body['service'] as unknown as Partial<Service>;
    requireMatchingId(id, changes);
    const service = await this.catalog.updateService(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'service', '/services', service));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.catalog.deleteService(request.params['service_id'] as string, initiatorOf(request));
    return noContent();
  };
}

/** Endpoints made together by v2.0 are known by an id that v3 neither shows nor takes. */
function withoutLegacyId(body: unknown): Partial<Endpoint> {
  const { legacy_endpoint_id: _legacy, ...attributes } = body as Partial<Endpoint>;
  return attributes;
}

export class EndpointController {
  constructor(private readonly catalog: CatalogManager) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    endpoint: await this.catalog.getEndpoint(request.params['endpoint_id'] as string),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const attributes = withoutLegacyId(request.body['endpoint']);
    const endpoint = await this.catalog.createEndpoint(attributes, initiatorOf(request));
    return created(presentEndpoint(request.links, endpoint));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, ENDPOINT_FILTERS);
    const { entities, truncated } = finishList(hints, await this.catalog.listEndpoints(hints));
    return ok(presentEndpoints(request.links, entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const endpoint = await this.catalog.getEndpoint(request.params['endpoint_id'] as string);
    return ok(presentEndpoint(request.links, endpoint));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['endpoint_id'] as string;
    const changes = withoutLegacyId(request.body['endpoint']);
    requireMatchingId(id, changes);
    const endpoint = await this.catalog.updateEndpoint(id, changes, initiatorOf(request));
    return ok(presentEndpoint(request.links, endpoint));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.catalog.deleteEndpoint(request.params['endpoint_id'] as string, initiatorOf(request));
    return noContent();
  };
}
