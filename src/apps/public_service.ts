/** Identity API v2.0 for everybody: sign in, the caller's own tenants, extensions. */
import type { AppFactory } from '../pipeline/index.js';
import type { AppServices } from './services.js';
import { serviceV2 } from './support/service_v2.js';
import { extensionRoutes, PUBLIC_EXTENSIONS } from './support/v2_extensions.js';
import type { LoadedVersions } from './support/versions.js';

export function createApp(services: AppServices, versions: LoadedVersions): AppFactory {
  return serviceV2(services, versions, {
    face: 'public',
    baseUrl: services.publicBaseUrl,
    routes: [...services.v2PublicRoutes, ...extensionRoutes(PUBLIC_EXTENSIONS)],
  });
}
