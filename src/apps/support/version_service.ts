/** The versions of the API, at the root of the service: what `public_version_service` and `admin_version_service` share. */
import type { BaseUrl } from '../../common/http/base_url.js';
import type { AppFactory } from '../../pipeline/index.js';
import type { AppServices } from '../services.js';
import { appFactory, application } from './application.js';
import { documentByBase, type Face, type LoadedVersions, versionDocument, wantedFormat } from './versions.js';

export function versionService(
  services: AppServices,
  versions: LoadedVersions,
  { face, baseUrl }: { readonly face: Face; readonly baseUrl: BaseUrl },
): AppFactory {
  return appFactory([], () => {
    versions.announce(face);
    const document = documentByBase(baseUrl, (base) => ({
      versions: {
        values: (['v2.0', 'v3'] as const)
          .filter((version) => versions.has(version, face))
          .map((version) => versionDocument(version, base)),
      },
    }));
    return application(services, {
      root: (ctx) =>
        wantedFormat(ctx) === 'json-home'
          ? {
              status: 200,
              body: { resources: versions.has('v3', face) ? versions.resources : {} },
              contentType: 'application/json-home',
            }
          : { status: 300, body: document(ctx) },
      routes: [],
      baseUrl,
    });
  });
}
