/** Manifest of the subsystem `identity`, and the choice between one driver and several. */
import type { JsonObject, JsonValue } from '../../common/context.js';
import type { Conf, LoadedConf, StoredValue } from '../../conf/index.js';
import { type DriverContext, loadDriver, type ManagerContext, type Subsystem } from '../subsystem.js';
import { SqlShadows } from './backends/sql_shadows.js';
import { DatabaseSource } from './domains/database_source.js';
import { Directories } from './domains/directories.js';
import { DomainDrivers } from './domains/domain_drivers.js';
import type { DomainSource, MakeDriver } from './domains/domain_source.js';
import { FileSource } from './domains/file_source.js';
import { IDENTITY_DRIVER_SHAPE, type IdentityDriver } from './driver.js';
import { IdentityManager } from './manager.js';
import { identityRoutes } from './routers.js';

export const identity: Subsystem<IdentityDriver, IdentityManager> = {
  name: 'identity',
  option: { section: 'identity', name: 'driver' },
  drivers: {
    ldap: () => import('./backends/ldap.js'),
    sql: () => import('./backends/sql.js'),
  },
  shape: IDENTITY_DRIVER_SHAPE,
  createManager: (driver, context) => new IdentityManager(driver, context),
  routes: (providers, conf) => identityRoutes(providers.identity, conf),
};

/** How the configuration of a single domain is read. @throws ConfError (both) */
export interface DomainConfReader {
  readonly file: (path: string) => LoadedConf;
  readonly stored: (values: {
    readonly [section: string]: { readonly [option: string]: StoredValue };
  }) => LoadedConf;
}

/**
 * The manager of identity. A standard driver that can do everything alone is used as it is; otherwise it gets its
 * place among those of the domains.
 * @throws Error naming the option, the unknown driver and the valid names
 */
export async function createIdentity(
  parts: DriverContext,
  context: ManagerContext,
  reader: DomainConfReader,
): Promise<IdentityManager> {
  const { conf } = parts;
  const standard = await loadDriver(identity, conf.identity.driver, parts);
  const { isDomainAware, generatesUuids } = standard.traits;
  if (!conf.identity.domain_specific_drivers_enabled && isDomainAware && generatesUuids) {
    return new IdentityManager(standard, context);
  }
  // Lines of the main configuration say nothing of a domain's.
  const { placeOf: _placeOf, ...shared } = parts;
  const makeDriver: MakeDriver = (domainConf: Conf, domainId) => {
    const { driver } = domainConf.identity;
    // Rules on passwords of the service are those of all users in its tables.
    const own = driver === 'sql' ? conf : domainConf;
    return loadDriver(identity, driver, { ...shared, conf: own, domainId });
  };
  const source = domainSource(standard, makeDriver, parts, context, reader);
  const drivers = new DomainDrivers(standard, source, conf);
  const directories = new Directories(drivers, new SqlShadows(parts.database), context);
  return new IdentityManager(directories, context, directories);
}

function domainSource(
  standard: IdentityDriver,
  makeDriver: MakeDriver,
  { conf, database }: DriverContext,
  { providers }: ManagerContext,
  reader: DomainConfReader,
): DomainSource | null {
  const {
    domain_specific_drivers_enabled: isByDomain,
    domain_configurations_from_database: isFromDatabase,
    domain_config_dir: folder,
  } = conf.identity;
  if (!isByDomain) return null;
  if (!isFromDatabase) {
    return new FileSource({
      folder,
      standardIsSql: standard.traits.isSql,
      makeDriver,
      loadFile: (file) => reader.file(file).conf,
      domainIdOf: async (name) => (await providers.resource.getDomainByName(name)).id,
    });
  }
  return new DatabaseSource({
    makeDriver,
    confOf: (config) => reader.stored(config).conf,
    revision: (domainId) => providers.domainConfig.revision(domainId),
    config: async (domainId) => asValues(await providers.domainConfig.getConfigWithSecrets(domainId)),
    configuredDomainIds: () => providers.domainConfig.configuredDomainIds(),
    domainExists: async (domainId) => (await providers.resource.domainForToken(domainId)) !== null,
    stateOfDatabase: () => database.changeToken(),
    obtainRegistration: (domainId, type) => providers.domainConfig.obtainRegistration(domainId, type),
    readRegistration: (type) => providers.domainConfig.readRegistration(type),
    releaseRegistration: (domainId, type) => providers.domainConfig.releaseRegistration(domainId, type),
  });
}

function asValues(
  config: Readonly<Record<string, JsonObject>>,
): Record<string, Readonly<Record<string, StoredValue>>> {
  return Object.fromEntries(
    Object.entries(config).map(([section, options]) => [
      section,
      Object.fromEntries(Object.entries(options).map(([name, value]) => [name, asValue(value)])),
    ]),
  );
}

function asValue(value: JsonValue | undefined): StoredValue {
  if (Array.isArray(value)) return value.map(asValue);
  if (value === null || typeof value !== 'object') return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asValue(item)]));
}
