/** Identity API v2.0 for everybody: sign in, the caller's own tenants, extensions. */
import type { AppFactory } from '../pipeline/index.js';
import { serviceV2 } from './service_v2.js';
import type { AppServices } from './services.js';
import { extensionRoutes, PUBLIC_EXTENSIONS } from './v2_extensions.js';
import type { LoadedVersions } from './versions.js';

export function createApp(services: AppServices, versions: LoadedVersions): AppFactory {
  return serviceV2(services, versions, {
    baseUrl: services.publicBaseUrl,
    routes: [...services.v2PublicRoutes, ...extensionRoutes(PUBLIC_EXTENSIONS)],
  });
}
