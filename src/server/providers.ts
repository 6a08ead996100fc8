/** Who gets which manager: all of them are made here, in this order, and nowhere else. */
import { cacheSource, type SharedCache } from '../common/cache/index.js';
import type { KeyRepository, KeyRepositoryKind } from '../common/crypto/key_repository.js';
import type { HealthChecks } from '../common/health.js';
import type { Route } from '../common/http/types.js';
import type { Notifications } from '../common/notifications/index.js';
import type { Database } from '../common/sql/index.js';
import { type Conf, domainConfOf, type LoadedConf, loadDomainConf } from '../conf/index.js';
import { assignment } from '../subsystems/assignment/index.js';
import { AuthManager } from '../subsystems/auth/manager.js';
import { authRoutes } from '../subsystems/auth/routers.js';
import { catalog } from '../subsystems/catalog/index.js';
import { credential } from '../subsystems/credential/index.js';
import { domainConfig } from '../subsystems/domain_config/index.js';
import { endpointPolicy } from '../subsystems/endpoint_policy/index.js';
import { idMapping } from '../subsystems/id_mapping/index.js';
import { createIdentity, identity } from '../subsystems/identity/index.js';
import { oauth1 } from '../subsystems/oauth1/index.js';
import { policy } from '../subsystems/policy/index.js';
import type { Providers } from '../subsystems/providers.js';
import { resource } from '../subsystems/resource/index.js';
import { revoke } from '../subsystems/revoke/index.js';
import { role } from '../subsystems/role/index.js';
import {
  type DriverContext,
  loadDriver,
  type ManagerContext,
  type Subsystem,
} from '../subsystems/subsystem.js';
import { token } from '../subsystems/token/index.js';
import { trust } from '../subsystems/trust/index.js';
import { checkDirectoryDrivers } from './directory_drivers.js';
import { driverPlaces } from './driver_places.js';

interface Parts {
  readonly loaded: LoadedConf;
  readonly database: Database;
  readonly notifications: Notifications;
  readonly keys: Map<KeyRepositoryKind, KeyRepository>;
  readonly health?: HealthChecks;
  readonly onClose?: DriverContext['onClose'];
  /** The cache that the configuration names. */
  readonly cache?: SharedCache | null;
}

/** @throws Error when a driver or plugin cannot be had; the message names option and valid names */
export async function createProviders({
  loaded,
  database,
  notifications,
  keys,
  health,
  onClose,
  cache = null,
}: Parts): Promise<Providers> {
  checkDirectoryDrivers(loaded);
  const { conf } = loaded;
  const providers = {} as { -readonly [Name in keyof Providers]: Providers[Name] };
  const context: ManagerContext = {
    conf,
    providers,
    notifications,
    cache: cacheSource(
      cache,
      () => (isAllSql(conf) ? database.generation() : Promise.resolve(undefined)),
      conf.cache.expiration_time,
    ),
    ...(health && { health }),
    transaction: (work) => database.transaction(work),
    ...stateOf(conf, database),
    sequel: (step) => database.sequel(step),
  };
  const { packageFolders, placeOf } = driverPlaces(loaded);
  const parts: DriverContext = {
    conf,
    database,
    keys,
    packageFolders,
    placeOf,
    ...(health && { health }),
    ...(onClose && { onClose }),
  };
  const make = async <Driver, Manager>(
    subsystem: Subsystem<Driver, Manager>,
    driver: string,
  ): Promise<Manager> => subsystem.createManager(await loadDriver(subsystem, driver, parts), context);

  providers.resource = await make(resource, conf.resource.driver ?? 'sql');
  providers.domainConfig = await make(domainConfig, conf.domain_config.driver);
  providers.idMapping = await make(idMapping, conf.identity_mapping.driver);
  await providers.idMapping.loadGenerator(packageFolders);
  providers.identity = await createIdentity(parts, context, { file: loadDomainConf, stored: domainConfOf });
  providers.role = await make(role, conf.role.driver ?? 'sql');
  providers.assignment = await make(assignment, conf.assignment.driver ?? 'sql');
  providers.catalog = await make(catalog, conf.catalog.driver);
  providers.endpointPolicy = await make(endpointPolicy, conf.endpoint_policy.driver);
  providers.policy = await make(policy, conf.policy.driver);
  providers.credential = await make(credential, conf.credential.driver);
  providers.revoke = await make(revoke, conf.revoke.driver);
  providers.trust = await make(trust, conf.trust.driver);
  providers.oauth1 = await make(oauth1, conf.oauth1.driver);
  providers.token = await make(token, conf.token.provider);
  providers.auth = new AuthManager(context);
  const pluginOf = (method: string): string | null => loaded.section('auth').get(method) ?? null;
  await providers.auth.loadMethods(pluginOf, packageFolders, placeOf);
  return Object.freeze(providers);
}

/** Tells of changes only when all that tokens rest on lies in the database. */
function stateOf(conf: Conf, database: Database): Pick<ManagerContext, 'stateOfData' | 'stateAtHand'> {
  if (!isAllSql(conf)) return { stateOfData: () => Promise.resolve(undefined), stateAtHand: () => undefined };
  // Users who do not sign in are disabled by the coming of a day.
  const isDaily = conf.security_compliance.disable_user_account_days_inactive !== null;
  if (!isDaily) {
    return { stateOfData: () => database.changeState(), stateAtHand: () => database.changeAtHand() };
  }
  const today = (state: string | undefined): string | undefined =>
    state && `${state} d${Math.floor(Date.now() / 86_400_000)}`;
  return {
    stateOfData: async () => today(await database.changeToken()),
    stateAtHand: () => today(database.changeAtHand()),
  };
}

function isAllSql(conf: Conf): boolean {
  const { identity, resource, assignment, role, revoke, trust, oauth1, catalog } = conf;
  const drivers = [
    identity.driver,
    resource.driver ?? 'sql',
    assignment.driver ?? 'sql',
    role.driver ?? 'sql',
    revoke.driver,
    trust.driver,
    oauth1.driver,
  ];
  return (
    drivers.every((driver) => driver === 'sql') &&
    !identity.domain_specific_drivers_enabled &&
    (catalog.driver === 'sql' || catalog.driver === 'endpoint_filter.sql')
  );
}

/** Routes of the v3 application. */
export function v3Routes(providers: Providers, conf: Conf): readonly Route[] {
  const subsystems = [
    assignment,
    catalog,
    identity,
    domainConfig,
    revoke,
    oauth1,
    trust,
    endpointPolicy,
    role,
    credential,
    policy,
    resource,
  ];
  return [
    ...authRoutes(providers, conf),
    ...subsystems.flatMap((subsystem) => subsystem.routes(providers, conf)),
  ];
}
