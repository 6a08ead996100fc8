/** Identity API v3: the routes of all subsystems. */
import { jsonHome } from '../common/http/json_home.js';
import { type AppFactory } from '../pipeline/index.js';
import type { AppServices } from './services.js';
import { appFactory, application } from './support/application.js';
import { documentByBase, type LoadedVersions, versionDocument, wantedFormat } from './support/versions.js';

export function createApp(services: AppServices, versions: LoadedVersions): AppFactory {
  return appFactory(['auth_context', 'body'], () => {
    versions.registerV3();
    versions.addResources(jsonHome(services.v3Routes, '/v3'));
    const home = JSON.stringify({ resources: jsonHome(services.v3Routes) });
    const document = documentByBase(services.publicBaseUrl, (base) => ({
      version: versionDocument('v3', base),
    }));
    return application(services, {
      root: (ctx) =>
        wantedFormat(ctx) === 'json-home'
          ? { status: 200, body: home, contentType: 'application/json-home' }
          : { status: 200, body: document(ctx) },
      routes: services.v3Routes,
      baseUrl: services.publicBaseUrl,
    });
  });
}
