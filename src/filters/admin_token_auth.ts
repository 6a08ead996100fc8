/**
 * Callers that send `[DEFAULT] admin_token` as X-Auth-Token are administrators of everything. Meant for the very first
 * setup only (`keystone-manage bootstrap` needs no such token); deprecated. Never rejects. Source: Keystone's
 * AdminTokenAuthMiddleware.
 */
import { requestContext } from '../common/context.js';
import { getLogger } from '../common/log/index.js';
import { defineFilter, type FilterFactory } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { adminTokenCheck } from './support/admin_token.js';

const log = getLogger('keystone.middleware.admin_token_auth');

export function createFilter({ conf }: Pick<FilterServices, 'conf'>): FilterFactory {
  const isAdminToken = adminTokenCheck(conf.DEFAULT.admin_token);
  return defineFilter({ options: {} }, () => {
    log.warn(
      'The filter admin_token_auth is a security risk: remove it from the pipelines of the paste file once the first ' +
        'administrator exists.',
    );
    return (ctx, next) => {
      if (isAdminToken(ctx.req.headers)) requestContext(ctx).isAdmin = true;
      return next();
    };
  });
}
