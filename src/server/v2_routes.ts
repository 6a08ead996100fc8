/** The routes of API v2.0, by the stack that has them. */
import type { Route } from '../common/http/types.js';
import { v2RoleAssignmentRoutes } from '../subsystems/assignment/v2_routers.js';
import { v2OwnPasswordRoutes, v2TokenRoutes } from '../subsystems/auth/v2_routers.js';
import { v2CatalogRoutes } from '../subsystems/catalog/v2_routers.js';
import { v2UserRoutes } from '../subsystems/identity/v2_routers.js';
import { v2OwnTenantRoutes, v2TenantRoutes } from '../subsystems/resource/v2_routers.js';
import { v2RoleRoutes } from '../subsystems/role/v2_routers.js';
import type { V2Context } from '../subsystems/v2.js';

export interface V2Routes {
  readonly v2PublicRoutes: readonly Route[];
  readonly v2AdminRoutes: readonly Route[];
}

export function v2Routes(context: V2Context): V2Routes {
  const tokens = v2TokenRoutes(context);
  return {
    v2PublicRoutes: [...v2OwnTenantRoutes(context), ...tokens, ...v2OwnPasswordRoutes(context)],
    v2AdminRoutes: [
      ...tokens,
      ...v2TenantRoutes(context),
      ...v2UserRoutes(context),
      ...v2RoleAssignmentRoutes(context),
      ...v2CatalogRoutes(context),
      ...v2RoleRoutes(context),
    ],
  };
}
