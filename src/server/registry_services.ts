/** The services as filters and applications see them. */

import { registerCacheMetrics } from '../common/cache/metrics.js';
import type { PolicyAuthority } from '../common/context.js';
import { baseUrlOf, substituteEndpoint } from '../common/http/base_url.js';
import { getLogger } from '../common/log/index.js';
import { ServiceMetrics } from '../common/metrics.js';
import { type Policy, PolicyStore } from '../common/policy/index.js';
import type { LoadedConf } from '../conf/index.js';
import type { FilterServices, HealthService } from '../filters/services.js';
import { signatureRoutes } from '../subsystems/credential/ec2_routers.js';
import type { RegistryServices } from './registry.js';
import type { Services } from './services.js';
import { v2Routes } from './v2_routes.js';

const log = getLogger('keystone.common.wsgi');
const policyLog = getLogger('keystone.common.policy');
const traceLog = getLogger('keystone.common.profiler');

type FromConf = Pick<
  RegistryServices,
  | 'conf'
  | 'corsSections'
  | 'rendering'
  | 'publicBaseUrl'
  | 'adminBaseUrl'
  | 'openPolicy'
  | 'metrics'
  | 'trace'
>;

/** What needs nothing but the configuration. @throws Error when an endpoint option names an option that is not there */
function fromConf({ conf, corsSections }: LoadedConf): FromConf {
  const options = { ...conf.eventlet_server, ...conf.DEFAULT };
  const base = (option: 'public_endpoint' | 'admin_endpoint'): ReturnType<typeof baseUrlOf> =>
    baseUrlOf(substituteEndpoint(option, conf.DEFAULT[option], options));
  const publicBaseUrl = base('public_endpoint');
  return {
    conf,
    corsSections,
    rendering: { insecureDebug: conf.DEFAULT.insecure_debug, baseUrl: publicBaseUrl, log },
    publicBaseUrl,
    adminBaseUrl: base('admin_endpoint'),
    openPolicy: ({ policyFile, policyDirs, defaultRule }) =>
      PolicyStore.load({
        policyFile,
        policyDirs,
        defaultRule,
        log: (level, message) => policyLog[level](message),
      }),
    metrics: new ServiceMetrics(),
    trace: (point) => traceLog.debug(JSON.stringify(point)),
  };
}

/** For a process that serves. */
export function registryServices(services: Services, health: HealthService): RegistryServices {
  const configured = fromConf(services.loaded);
  if (services.cache !== null) registerCacheMetrics(configured.metrics.registry, services.cache);
  return {
    ...configured,
    policy: services.policy,
    tokens: services.providers.token,
    tokenless: null,
    extensions: signatureRoutes(services.providers, services.conf),
    health,
    v3Routes: services.v3Routes,
    ...v2Routes({
      conf: services.conf,
      providers: services.providers,
      transaction: (work) => services.database.transaction(work),
    }),
  };
}

/** Nothing asks these, because nothing is built: only the options and the order of filters are looked at. */
function notServing(): never {
  throw new Error('a pipeline that is only being looked at was asked to serve');
}

/** For commands that look at pipelines without building them: no database, no keys. */
export function inspectionServices(loaded: LoadedConf): RegistryServices {
  const policy: PolicyAuthority = { current: (): Policy => notServing() };
  const tokens: FilterServices['tokens'] = {
    validateToken: () => Promise.reject(notServing()),
    kept: notServing,
  };
  return {
    ...fromConf(loaded),
    policy,
    tokens,
    tokenless: null,
    extensions: { ec2V2: [], ec2V3: [], s3: [] },
    health: { live: notServing, ready: notServing, status: notServing },
    v3Routes: [],
    v2PublicRoutes: [],
    v2AdminRoutes: [],
  };
}
