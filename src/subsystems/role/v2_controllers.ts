/** HTTP ↔ manager for roles of API v2.0 (OS-KSADM), which are the global ones. */
import type { JsonObject } from '../../common/context.js';
import { Hints } from '../../common/hints.js';
import { finishList } from '../../common/http/list.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { normalizeKeys } from '../../common/http/v2_body.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { V2Context } from '../v2.js';
import { roleInV2 } from '../v2_entities.js';

const roleId = (request: ApiRequest): string => request.params['role_id'] as string;

export class V2RoleController {
  constructor(private readonly context: V2Context) {}

  list = async (): Promise<ApiResult> => {
    const hints = new Hints().addFilter('domain_id', null);
    const roles = await this.context.providers.role.listRoles(hints);
    return ok({ roles: finishList(hints, roles).entities });
  };

  get = async (request: ApiRequest): Promise<ApiResult> =>
    ok({ role: await roleInV2(this.context, roleId(request)) });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const { id: _id, ...attributes } = normalizeKeys(request.body['role'] as JsonObject);
    const role = { ...attributes, name: attributes['name'] as string, domain_id: null };
    return ok({ role: await this.context.providers.role.createRole(role, initiatorOf(request)) });
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { id } = await roleInV2(this.context, roleId(request));
    await this.context.providers.role.deleteRole(id, initiatorOf(request));
    return noContent();
  };
}
