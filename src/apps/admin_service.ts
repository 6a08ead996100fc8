/** Identity API v2.0 for administrators, with all that the public one has to offer to services. */
import type { AppFactory } from '../pipeline/index.js';
import type { AppServices } from './services.js';
import { serviceV2 } from './support/service_v2.js';
import { ADMIN_EXTENSIONS, extensionRoutes } from './support/v2_extensions.js';
import type { LoadedVersions } from './support/versions.js';

export function createApp(services: AppServices, versions: LoadedVersions): AppFactory {
  return serviceV2(services, versions, {
    face: 'admin',
    baseUrl: services.adminBaseUrl,
    routes: [...services.v2AdminRoutes, ...extensionRoutes(ADMIN_EXTENSIONS)],
  });
}
