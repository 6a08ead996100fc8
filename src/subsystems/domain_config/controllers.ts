/** HTTP ↔ manager for domain configurations. */

import type { JsonValue } from '../../common/context.js';
import { ValidationError } from '../../common/errors.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import type { Providers } from '../providers.js';

export class DomainConfigController {
  constructor(private readonly providers: Providers) {}

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const domainId = await this.domainId(request);
    const { config, existed } = await this.providers.domainConfig.createConfig(domainId, bodyConfig(request));
    return existed ? ok({ config }) : created({ config });
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const { group, option } = request.params;
    const domainId = await this.domainId(request);
    return ok({ config: await this.providers.domainConfig.getConfig(domainId, group, option) });
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const { group, option } = request.params;
    const domainId = await this.domainId(request);
    const config = await this.providers.domainConfig.updateConfig(
      domainId,
      bodyConfig(request),
      group,
      option,
    );
    return ok({ config });
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { group, option } = request.params;
    await this.providers.domainConfig.deleteConfig(await this.domainId(request), group, option);
    return noContent();
  };

  getDefault = (request: ApiRequest): ApiResult => {
    const { group, option } = request.params;
    return ok({ config: this.providers.domainConfig.getDefault(group, option) });
  };

  /** @throws DomainNotFound */
  private async domainId(request: ApiRequest): Promise<string> {
    return (await this.providers.resource.getDomain(request.params['domain_id'] as string)).id;
  }
}

function bodyConfig(request: ApiRequest): JsonValue {
  const { config } = request.body;
  if (config === undefined) throw new ValidationError({ attribute: 'config', target: 'request body' });
  return config;
}
