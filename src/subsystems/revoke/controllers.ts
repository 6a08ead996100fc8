/** HTTP ↔ manager for revocation events. */
import { ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import type { RevokeManager } from './manager.js';
import { presentEvent } from './presenter.js';

export class RevokeController {
  constructor(private readonly revocations: RevokeManager) {}

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const events = await this.revocations.list(request.query.get('since'));
    // Unlike other collections, this one is linked without the query.
    const self = request.links.v3('/OS-REVOKE/events');
    return ok({ events: events.map(presentEvent), links: { next: null, self, previous: null } });
  };
}
