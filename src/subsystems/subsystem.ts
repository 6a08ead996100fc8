/** What every subsystem's `index.ts` declares, and how drivers are found by the name in keystone.conf. */

import type { CacheSource } from '../common/cache/index.js';
import type { KeyRepository, KeyRepositoryKind } from '../common/crypto/key_repository.js';
import * as errors from '../common/errors.js';
import type { HealthChecks } from '../common/health.js';
import type { Route } from '../common/http/types.js';
import type { MaybePromise } from '../common/maybe_promise.js';
import type { Notifications } from '../common/notifications/index.js';
import { offeringManifest, packageExport } from '../common/package_export.js';
import { misfit, type Shape, type ShapeOf } from '../common/shape.js';
import type { Database } from '../common/sql/index.js';
import type { Conf } from '../conf/index.js';
import type { Providers } from './providers.js';

/** What a backend is made from. */
export interface DriverContext {
  readonly conf: Conf;
  readonly database: Database;
  /** Key repositories in use, for those who share one and for the health document. */
  readonly keys: Map<KeyRepositoryKind, KeyRepository>;
  /** Where to register how to look at what the backend depends on; absent where nobody asks. */
  readonly health?: HealthChecks;
  /** For an identity driver of a domain of its own: the id of that domain, whose configuration `conf` then is. */
  readonly domainId?: string;
  /** Where npm packages with drivers may be installed: the nearest `node_modules` from each of them upwards. */
  readonly packageFolders?: readonly string[];
  /** Where an option stands, as `file:line`; empty when it is not set in a file. For messages. */
  readonly placeOf?: (section: string, option: string) => string;
  /** Have something done when the services are closed; absent where nothing closes them. */
  readonly onClose?: (step: () => void) => void;
}

/** What a manager is made from. `providers` is complete only after all managers exist: use it in methods. */
export interface ManagerContext {
  readonly conf: Conf;
  /** The configured cache (`[cache]`); absent where there is none. */
  readonly cache?: CacheSource;
  readonly providers: Providers;
  readonly notifications: Notifications;
  /** As in DriverContext. */
  readonly health?: HealthChecks;
  /**
   * Changes whenever something may have changed in what the backends hold, through any process; undefined when that
   * cannot be told (another kind of backend, or a database that offers no such thing).
   */
  stateOfData(): MaybePromise<string | undefined>;
  /** The same when it can be told without waiting; undefined otherwise. */
  stateAtHand(): string | undefined;
  /**
   * Runs a step once the current transaction has committed, at once when there is none. Whoever waits for the
   * transaction waits for the step, too.
   */
  sequel(step: () => Promise<void>): Promise<void>;
  /** Run several writes as one; nested calls join. Backends other than SQL do what they can. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

export interface DriverModule<Driver> {
  createDriver(context: DriverContext): Driver | Promise<Driver>;
}

export interface Subsystem<Driver, Manager> {
  readonly name: string;
  /** The keystone.conf option that names the driver, as `[section] option`. */
  readonly option: { readonly section: string; readonly name: string };
  /** Built-in drivers by name. */
  readonly drivers: Readonly<Record<string, () => Promise<DriverModule<Driver>>>>;
  /** What a driver has to have; those of packages are held to it. */
  readonly shape: ShapeOf<Driver> & Shape;
  /** What its drivers get beside the context; those of packages can have it in no other way. */
  readonly extras?: (context: DriverContext) => object;
  /**
   * Takes a driver of a package, which has the shape, after another look at it.
   * @param refuse fails with what is wrong, and with the option that names the package
   */
  readonly adopt?: (driver: Driver, refuse: (problem: string) => never) => Driver;
  createManager(driver: Driver, context: ManagerContext): Manager;
  /** The v3 routes, in the order of the API reference. */
  routes(providers: Providers, conf: Conf): readonly Route[];
}

/**
 * Make the driver that the configuration names: a built-in one, or that of an installed npm package, which says in its
 * package.json `"keystone": { "<section>": { "<option>": "./file.js:createDriver" } }`; the option is mostly `driver`.
 * @throws Error naming file, line and option: the driver is not known (with the valid names), built in and installed, or
 *   not what is asked of one
 */
export async function loadDriver<Driver>(
  subsystem: Pick<Subsystem<Driver, unknown>, 'drivers' | 'option' | 'shape' | 'extras' | 'adopt'>,
  name: string,
  context: DriverContext,
): Promise<Driver> {
  const { section, name: option } = subsystem.option;
  const folders = context.packageFolders ?? [];
  const wanted = { packageName: name, kind: section, name: option };
  const place = context.placeOf?.(section, option) ?? '';
  const setting = `${place === '' ? '' : `${place}: `}[${section}] ${option}`;
  const load = Object.hasOwn(subsystem.drivers, name) ? subsystem.drivers[name] : undefined;
  if (load !== undefined) {
    const rival = await offeringManifest(wanted, folders);
    if (rival !== null) {
      throw new Error(
        `${setting} = ${name}: the name is that of a built-in driver and of a package (${rival})`,
      );
    }
    return await (await load()).createDriver(context);
  }
  const installed = await packageExport(
    { ...wanted, option: setting, what: option, defaultFunction: 'createDriver' },
    folders,
  );
  if (installed === null) {
    const valid = Object.keys(subsystem.drivers).sort().join(', ');
    throw new Error(
      `${setting} = ${name}: there is no such ${option}; valid names are: ${valid}, and those of installed npm` +
        ` packages that offer one`,
    );
  }
  const refuse = (problem: string): never => {
    throw new Error(`${setting} = ${name}: ${problem}`);
  };
  const create: DriverModule<unknown>['createDriver'] = installed;
  // A package cannot import the errors, by which managers tell what is not there from what went wrong.
  const given = { ...context, errors, ...subsystem.extras?.(context) };
  const made = await create(given);
  const problem = misfit(made, subsystem.shape);
  if (problem !== null) refuse(`the ${option} that the package makes cannot be used: ${problem}`);
  const driver = made as Driver;
  return subsystem.adopt?.(driver, refuse) ?? driver;
}
