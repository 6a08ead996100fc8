/** HTTP ↔ manager for services (OS-KSADM) and endpoints of API v2.0. */
import type { JsonObject } from '../../common/context.js';
import { uuidHex } from '../../common/crypto/random_ids.js';
import { EndpointNotFound, ValidationError } from '../../common/errors.js';
import { Hints } from '../../common/hints.js';
import { finishList } from '../../common/http/list.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { V2Context } from '../v2.js';
import { INTERFACES, type Interface, presentEndpointsV2 } from './v2_presenter.js';

/** Name under which v2.0 answers services; and the one under which bodies have them, as the filter `json_body` writes it. */
const SERVICE = 'OS-KSADM:service';
export const SERVICE_IN_BODY = 'OS_KSADM_service';

export class V2ServiceController {
  constructor(private readonly context: V2Context) {}

  list = async (): Promise<ApiResult> => {
    const hints = new Hints();
    const services = await this.context.providers.catalog.listServices(hints);
    return ok({ 'OS-KSADM:services': finishList(hints, services).entities });
  };

  get = async ({ params }: ApiRequest): Promise<ApiResult> =>
    ok({ [SERVICE]: await this.context.providers.catalog.getService(params['service_id'] as string) });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const service = request.body[SERVICE_IN_BODY] as JsonObject;
    return ok({
      [SERVICE]: await this.context.providers.catalog.createService(service, initiatorOf(request)),
    });
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { catalog } = this.context.providers;
    await catalog.deleteService(request.params['service_id'] as string, initiatorOf(request));
    return noContent();
  };
}

export class V2EndpointController {
  constructor(private readonly context: V2Context) {}

  list = async (): Promise<ApiResult> => {
    const hints = new Hints();
    const endpoints = await this.context.providers.catalog.listEndpoints(hints);
    return ok({ endpoints: presentEndpointsV2(finishList(hints, endpoints).entities) });
  };

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const { providers, transaction } = this.context;
    const { urls, attributes } = readEndpoint(request.body['endpoint'] as JsonObject);
    const id = uuidHex();
    await transaction(async () => {
      for (const [kind, url] of urls) {
        const endpoint = { ...attributes, interface: kind, url, legacy_endpoint_id: id };
        await providers.catalog.createEndpoint(endpoint, initiatorOf(request));
      }
    });
    const shown = Object.fromEntries(urls.map(([kind, url]) => [`${kind}url`, url]));
    return ok({ endpoint: { ...attributes, ...shown, id } });
  };

  /** Only what v2.0 has made can be deleted here. */
  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { providers, transaction } = this.context;
    const id = request.params['endpoint_id'] as string;
    await transaction(async () => {
      const hints = new Hints().addFilter('legacy_endpoint_id', id);
      const { entities } = finishList(hints, await providers.catalog.listEndpoints(hints));
      if (entities.length === 0) throw new EndpointNotFound({ endpoint_id: id });
      for (const endpoint of entities)
        await providers.catalog.deleteEndpoint(endpoint.id, initiatorOf(request));
    });
    return noContent();
  };
}

interface NewEndpoint {
  readonly urls: readonly (readonly [Interface, string])[];
  readonly attributes: JsonObject;
}

/** @throws ValidationError without a public URL or a service */
function readEndpoint(body: JsonObject): NewEndpoint {
  // What only v3 has is not for v2.0 to set.
  const {
    id: _id,
    interface: _kind,
    url: _url,
    region_id: _region,
    legacy_endpoint_id: _legacy,
    ...given
  } = body;
  const { publicurl, internalurl, adminurl, ...attributes } = given;
  const byKind = { public: publicurl, internal: internalurl, admin: adminurl };
  for (const [name, value] of Object.entries({ publicurl, service_id: attributes['service_id'] })) {
    if (value === undefined || value === null || value === '') {
      throw new ValidationError(`${name} field is required and cannot be empty`);
    }
  }
  const urls = INTERFACES.flatMap((kind) => {
    const url = byKind[kind];
    return typeof url === 'string' && url !== '' ? [[kind, url] as const] : [];
  });
  return { urls, attributes };
}
