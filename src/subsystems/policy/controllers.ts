/** HTTP ↔ manager for policies. */
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { PolicyManager } from './manager.js';
import type { Policy } from './types.js';

export const POLICY_FILTERS = ['type'] as const;

export class PolicyController {
  constructor(private readonly policies: PolicyManager) {}

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const policy = await this.policies.createPolicy(
      request.body['policy'] as unknown as Policy,
      initiatorOf(request),
    );
    return created(wrapMember(request.links, 'policy', '/policies', policy));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, POLICY_FILTERS);
    const { entities, truncated } = finishList(hints, await this.policies.listPolicies(hints));
    return ok(wrapCollection(request.links, 'policies', '/policies', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const policy = await this.policies.getPolicy(request.params['policy_id'] as string);
    return ok(wrapMember(request.links, 'policy', '/policies', policy));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['policy_id'] as string;
    const changes = request.body['policy'] as unknown as Partial<Policy>;
    requireMatchingId(id, changes);
    const policy = await this.policies.updatePolicy(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'policy', '/policies', policy));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.policies.deletePolicy(request.params['policy_id'] as string, initiatorOf(request));
    return noContent();
  };
}
