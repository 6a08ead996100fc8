/** Everything that a process needs to serve or to administer, built from its configuration, and closed as one. */
import { openCache, type SharedCache } from '../common/cache/index.js';
import type { KeyRepository, KeyRepositoryKind } from '../common/crypto/key_repository.js';
import { HealthChecks } from '../common/health.js';
import { Hints } from '../common/hints.js';
import type { Route } from '../common/http/types.js';
import { createNotifications, type Notifications, Observer } from '../common/notifications/index.js';
import type { NotificationDriver } from '../common/notifications/types.js';
import type { PolicyStore } from '../common/policy/index.js';
import { type Database, openDatabase } from '../common/sql/index.js';
import { parseSqlUrl } from '../common/sql/sqlalchemy_url.js';
import type { Conf, LoadedConf } from '../conf/index.js';
import type { Providers } from '../subsystems/providers.js';
import { driverPlaces } from './driver_places.js';
import { notificationDrivers } from './notification_drivers.js';
import { packageVersion } from './package_info.js';
import { loadPolicyStore } from './policy_store.js';
import { createProviders, v3Routes } from './providers.js';

export interface Services {
  readonly loaded: LoadedConf;
  readonly conf: Conf;
  readonly database: Database;
  readonly policy: PolicyStore;
  readonly notifications: Notifications;
  readonly providers: Providers;
  readonly keys: ReadonlyMap<KeyRepositoryKind, KeyRepository>;
  /** Where caches, directories and the like have registered how to look at them. */
  readonly health: HealthChecks;
  /** The configured cache; null when nothing is cached. */
  readonly cache: SharedCache | null;
  /** Routes of the v3 application, in table order. */
  readonly v3Routes: readonly Route[];
  close(): Promise<void>;
}

/**
 * Build the services. What was opened is closed again when a later step fails: nothing is left half-started.
 * @param options.cached whether the configured cache is opened; commands do without (a file of root's would shut the
 *   service out)
 * @throws Error with one message that names what to correct
 */
export async function createServices(
  loaded: LoadedConf,
  { cached = true }: { readonly cached?: boolean } = {},
): Promise<Services> {
  const { conf } = loaded;
  const policy = await loadPolicyStore(loaded);
  let database: Database | undefined;
  let drivers: readonly NotificationDriver[] = [];
  let cache: SharedCache | null = null;
  /** What backends want done at the end. */
  const closers: Closer[] = [];
  try {
    database = await openDatabase({ url: parseSqlUrl(conf.database.connection), options: conf.database });
    const opened = database;
    drivers = await notificationDrivers(conf);
    const observer = new Observer(() => identityServiceOf(providers));
    const notifications = createNotifications({
      format: conf.DEFAULT.notification_format,
      optOut: conf.DEFAULT.notification_opt_out,
      drivers,
      afterCommit: (action) => opened.afterCommit(action),
      observer,
    });
    const keys = new Map<KeyRepositoryKind, KeyRepository>();
    const health = new HealthChecks();
    cache = cached ? await openConfiguredCache(loaded, health) : null;
    const shared = cache;
    const providers: Providers = await createProviders({
      loaded,
      database: opened,
      notifications,
      keys,
      health,
      cache,
      onClose: (step) => void closers.push(step),
    });
    return {
      loaded,
      conf,
      database: opened,
      policy,
      notifications,
      providers,
      keys,
      health,
      cache,
      v3Routes: v3Routes(providers, conf),
      async close() {
        policy.close();
        await providers.identity.close();
        // What waits for it goes to the drivers first.
        if (drivers.length > 0) await observer.id();
        await closeAll(drivers);
        runAll(closers);
        await shared?.close();
        await opened.close();
      },
    };
  } catch (error) {
    policy.close();
    await closeAll(drivers);
    runAll(closers);
    await cache?.close();
    await database?.close();
    throw error;
  }
}

/** A cache that is down takes nobody out of service: it shows as degraded. */
async function openConfiguredCache(loaded: LoadedConf, health: HealthChecks): Promise<SharedCache | null> {
  const cache = await openCache(loaded.conf, packageVersion(), driverPlaces(loaded).packageFolders);
  if (cache === null) return null;
  health.register('cache', () => cache.ping(), { required: false });
  health.describe('cache', () => ({
    backend: loaded.conf.cache.backend,
    servers: cache.states(),
    regions: Object.fromEntries(cache.counts()),
  }));
  return cache;
}

/** The id of the first identity service of the catalog. */
async function identityServiceOf({ catalog }: Providers): Promise<string | null> {
  const services = await catalog.listServices(new Hints().addFilter('type', 'identity'));
  return services.find(({ type }) => type === 'identity')?.id ?? null;
}

type Closer = () => void;

function runAll(closers: readonly Closer[]): void {
  for (const close of closers) close();
}

async function closeAll(drivers: readonly NotificationDriver[]): Promise<void> {
  await Promise.all(drivers.map((driver) => driver.close()));
}
