/** Identity API v2.0 (deprecated): what `public_service` and `admin_service` share. */
import type { BaseUrl } from '../../common/http/base_url.js';
import type { Route } from '../../common/http/types.js';
import type { AppFactory } from '../../pipeline/index.js';
import type { AppServices } from '../services.js';
import { appFactory, application } from './application.js';
import { documentByBase, type Face, type LoadedVersions, versionDocument } from './versions.js';

export function serviceV2(
  services: AppServices,
  versions: LoadedVersions,
  {
    face,
    baseUrl,
    routes,
  }: { readonly face: Face; readonly baseUrl: BaseUrl; readonly routes: readonly Route[] },
): AppFactory {
  return appFactory(['auth_context', 'body'], () => {
    versions.registerV2(face);
    const document = documentByBase(baseUrl, (base) => ({ version: versionDocument('v2.0', base) }));
    return application(services, {
      root: (ctx) => ({ status: 200, body: document(ctx) }),
      routes,
      // Answers of v2.0 hold no links, and a refusal names the public endpoint on either face.
      baseUrl: services.publicBaseUrl,
    });
  });
}
