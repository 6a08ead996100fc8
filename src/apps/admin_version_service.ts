/** The versions of the API by their admin URLs. */
import type { AppFactory } from '../pipeline/index.js';
import type { AppServices } from './services.js';
import { versionService } from './support/version_service.js';
import type { LoadedVersions } from './support/versions.js';

export function createApp(services: AppServices, versions: LoadedVersions): AppFactory {
  return versionService(services, versions, { face: 'admin', baseUrl: services.adminBaseUrl });
}
