/**
 * The names by which paste files know our filters and applications: `egg:keystone#token_auth`, `egg:oslo.middleware#cors`
 * and the Python spellings of releases before them (`keystone.middleware:TokenAuthMiddleware.factory`).
 */
import * as adminService from '../apps/admin_service.js';
import * as adminVersionService from '../apps/admin_version_service.js';
import * as healthcheckApp from '../apps/healthcheck.js';
import * as publicService from '../apps/public_service.js';
import * as publicVersionService from '../apps/public_version_service.js';
import * as serviceV3 from '../apps/service_v3.js';
import type { AppServices } from '../apps/services.js';
import { LoadedVersions } from '../apps/support/versions.js';
import * as adminTokenAuth from '../filters/admin_token_auth.js';
import * as buildAuthContext from '../filters/build_auth_context.js';
import * as cors from '../filters/cors.js';
import * as debug from '../filters/debug.js';
import * as ec2Extension from '../filters/ec2_extension.js';
import * as ec2ExtensionV3 from '../filters/ec2_extension_v3.js';
import * as healthcheck from '../filters/healthcheck.js';
import * as httpProxyToWsgi from '../filters/http_proxy_to_wsgi.js';
import * as jsonBody from '../filters/json_body.js';
import * as metrics from '../filters/metrics.js';
import * as osprofiler from '../filters/osprofiler.js';
import * as rbac from '../filters/rbac.js';
import * as removed from '../filters/removed.js';
import * as requestId from '../filters/request_id.js';
import * as s3Extension from '../filters/s3_extension.js';
import type { FilterServices } from '../filters/services.js';
import * as sizelimit from '../filters/sizelimit.js';
import * as tokenAuth from '../filters/token_auth.js';
import * as urlNormalize from '../filters/url_normalize.js';
import { createRegistry, type EntryLoader, type Registry } from '../pipeline/index.js';

export interface RegistryServices extends FilterServices, AppServices {}

interface Names {
  readonly name: string;
  /** Distributions of its entry point. */
  readonly eggs: readonly string[];
  /** `module:attribute` names. */
  readonly spellings?: readonly string[];
  readonly load: EntryLoader;
}

const KEYSTONE = ['keystone'];
/** Keystone offered the filters of oslo.middleware as its own for some releases. */
const OSLO = ['oslo.middleware', 'keystone'];

/** Python spellings of a class of oslo.middleware. */
function oslo(className: string, module: string, attribute = 'factory'): string[] {
  return [`oslo_middleware:${className}.${attribute}`, `oslo_middleware.${module}:${className}.${attribute}`];
}

/** Python spellings of a class of keystone.middleware. */
function middleware(className: string, module = 'core'): string[] {
  return [`keystone.middleware:${className}.factory`, `keystone.middleware.${module}:${className}.factory`];
}

function filters(services: RegistryServices, versions: LoadedVersions): readonly Names[] {
  return [
    {
      name: 'admin_token_auth',
      eggs: KEYSTONE,
      spellings: middleware('AdminTokenAuthMiddleware'),
      load: () => adminTokenAuth.createFilter(services),
    },
    {
      name: 'build_auth_context',
      eggs: KEYSTONE,
      spellings: middleware('AuthContextMiddleware', 'auth').concat(
        'keystone.middleware.core:AuthContextMiddleware.factory',
      ),
      load: () => buildAuthContext.createFilter(services),
    },
    {
      name: 'cors',
      eggs: OSLO,
      spellings: [...oslo('CORS', 'cors'), 'oslo_middleware.cors:filter_factory'],
      load: () => cors.createFilter(services),
    },
    {
      name: 'debug',
      eggs: OSLO,
      spellings: [...oslo('Debug', 'debug'), 'keystone.common.wsgi:Debug.factory'],
      load: () => debug.createFilter(),
    },
    {
      name: 'ec2_extension',
      eggs: KEYSTONE,
      spellings: [
        'keystone.contrib.ec2:Ec2Extension.factory',
        'keystone.contrib.ec2.routers:Ec2Extension.factory',
      ],
      load: () => ec2Extension.createFilter(services),
    },
    {
      name: 'ec2_extension_v3',
      eggs: KEYSTONE,
      spellings: [
        'keystone.contrib.ec2:Ec2ExtensionV3.factory',
        'keystone.contrib.ec2.routers:Ec2ExtensionV3.factory',
      ],
      load: () => ec2ExtensionV3.createFilter(services, versions),
    },
    {
      name: 'healthcheck',
      eggs: OSLO,
      spellings: oslo('Healthcheck', 'healthcheck'),
      load: () => healthcheck.createFilter(services),
    },
    {
      name: 'http_proxy_to_wsgi',
      eggs: OSLO,
      spellings: oslo('HTTPProxyToWSGI', 'http_proxy_to_wsgi'),
      load: () => httpProxyToWsgi.createFilter(services),
    },
    {
      name: 'json_body',
      eggs: KEYSTONE,
      spellings: middleware('JsonBodyMiddleware'),
      load: () => jsonBody.createFilter(services),
    },
    {
      name: 'metrics',
      eggs: KEYSTONE,
      load: () => metrics.createFilter(services),
    },
    {
      name: 'osprofiler',
      eggs: ['osprofiler', 'keystone'],
      spellings: ['osprofiler.web:WsgiMiddleware.factory'],
      load: () => osprofiler.createFilter(services),
    },
    {
      name: 'rbac',
      eggs: KEYSTONE,
      load: () => rbac.createFilter(services),
    },
    {
      name: 'request_id',
      eggs: OSLO,
      spellings: oslo('RequestId', 'request_id'),
      load: () => requestId.createFilter(),
    },
    {
      name: 's3_extension',
      eggs: KEYSTONE,
      spellings: ['keystone.contrib.s3:S3Extension.factory', 'keystone.contrib.s3.core:S3Extension.factory'],
      load: () => s3Extension.createFilter(services, versions),
    },
    {
      name: 'sizelimit',
      eggs: OSLO,
      spellings: [...oslo('RequestBodySizeLimiter', 'sizelimit'), ...middleware('RequestBodySizeLimiter')],
      load: () => sizelimit.createFilter(services),
    },
    {
      name: 'token_auth',
      eggs: KEYSTONE,
      spellings: middleware('TokenAuthMiddleware'),
      load: () => tokenAuth.createFilter(),
    },
    {
      name: 'url_normalize',
      eggs: KEYSTONE,
      spellings: middleware('NormalizingFilter'),
      load: () => urlNormalize.createFilter(),
    },
  ];
}

/** Python spellings of an application's factory: `keystone.service` before Mitaka. */
function service(factory: string): string[] {
  return [`keystone.version.service:${factory}`, `keystone.service:${factory}`];
}

function apps(services: RegistryServices, versions: LoadedVersions): readonly Names[] {
  return [
    {
      name: 'public_service',
      eggs: KEYSTONE,
      spellings: service('public_app_factory'),
      load: () => publicService.createApp(services, versions),
    },
    {
      name: 'admin_service',
      eggs: KEYSTONE,
      spellings: service('admin_app_factory'),
      load: () => adminService.createApp(services, versions),
    },
    {
      name: 'service_v3',
      eggs: KEYSTONE,
      spellings: service('v3_app_factory'),
      load: () => serviceV3.createApp(services, versions),
    },
    {
      name: 'public_version_service',
      eggs: KEYSTONE,
      spellings: service('public_version_app_factory'),
      load: () => publicVersionService.createApp(services, versions),
    },
    {
      name: 'admin_version_service',
      eggs: KEYSTONE,
      spellings: service('admin_version_app_factory'),
      load: () => adminVersionService.createApp(services, versions),
    },
    {
      name: 'healthcheck',
      eggs: OSLO,
      spellings: oslo('Healthcheck', 'healthcheck', 'app_factory'),
      load: () => healthcheckApp.createApp(services),
    },
  ];
}

/**
 * A registry with everything that is built in. Made anew for every load of a paste file: the versions that it announces
 * are those of the applications which that load builds.
 */
export function keystoneRegistry(services: RegistryServices): Registry {
  const registry = createRegistry();
  const versions = new LoadedVersions();
  for (const entry of filters(services, versions)) add(registry, 'filter', entry);
  for (const entry of apps(services, versions)) add(registry, 'app', entry);
  for (const { name, spellings, why } of removed.REMOVED_FILTERS) {
    const load = (): unknown => removed.createFilter();
    add(registry, 'filter', { name, eggs: KEYSTONE, spellings, load }, `does nothing any more: ${why}`);
  }
  return registry;
}

function add(registry: Registry, kind: 'filter' | 'app', names: Names, note?: string): void {
  const said = note === undefined ? {} : { note };
  for (const [index, egg] of names.eggs.entries()) {
    const aliases = index === 0 ? (names.spellings ?? []) : [];
    registry.add(egg, names.name, kind, names.load, {
      aliases,
      ...said,
      module: `src/${kind}s/${names.name}`,
    });
  }
}
