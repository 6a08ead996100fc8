/** The drivers of `[oslo_messaging_notifications] driver`, by name. */
import { getLogger } from '../../log/index.js';
import type { NotificationDriver } from '../types.js';
import { AmqpBus, type AmqpLibrary, type AmqpOptions, loadAmqpLibrary } from './amqp.js';
import { BusDriver } from './bus_driver.js';
import { createLogDriver } from './log.js';

const log = getLogger('keystone.notifications');

export interface DriverSettings {
  /** `[oslo_messaging_notifications] driver`, in order. */
  readonly names: readonly string[];
  readonly publisherId: string;
  readonly topics: readonly string[];
  readonly retry: number;
  /** Longest pause between attempts, in seconds (`[oslo_messaging_rabbit] rabbit_interval_max`). */
  readonly longestPause: number;
  /** The message bus. @throws Error when what is configured cannot be used */
  readonly bus: () => AmqpOptions;
}

/** Some minutes of a busy service: about ten MB. */
const CAPACITY = 10_000;
const CLOSE_TIMEOUT = 2000;

type Create = (
  settings: DriverSettings,
  load: () => Promise<AmqpLibrary>,
) => Promise<NotificationDriver> | NotificationDriver;

async function createBusDriver(
  settings: DriverSettings,
  version: 1 | 2,
  load: () => Promise<AmqpLibrary>,
): Promise<NotificationDriver> {
  const { publisherId, topics, retry, longestPause } = settings;
  return new BusDriver(new AmqpBus(await load(), settings.bus()), {
    publisherId,
    version,
    topics,
    retry,
    pause: { first: 1000, step: 2000, most: Math.max(longestPause, 1) * 1000 },
    capacity: CAPACITY,
    closeTimeout: CLOSE_TIMEOUT,
  });
}

const DRIVERS: Readonly<Record<string, Create | null>> = {
  log: ({ publisherId }) => createLogDriver(publisherId),
  messaging: (settings, load) => createBusDriver(settings, 1, load),
  messagingv2: (settings, load) => createBusDriver(settings, 2, load),
  noop: null,
};

/**
 * Make the drivers that are named. One that cannot be made is logged and left out: notifications never keep the
 * service from its work.
 * @param load for the library of the message bus
 * @throws Error naming an unknown driver and the valid names
 */
export async function createNotificationDrivers(
  settings: DriverSettings,
  load: () => Promise<AmqpLibrary> = loadAmqpLibrary,
): Promise<NotificationDriver[]> {
  const names = [...new Set(settings.names)].filter((name) => name !== '');
  for (const name of names) {
    if (Object.hasOwn(DRIVERS, name)) continue;
    const valid = Object.keys(DRIVERS).join(', ');
    throw new Error(
      `[oslo_messaging_notifications] driver = ${name}: there is no such driver; valid names are: ${valid}`,
    );
  }
  const drivers: NotificationDriver[] = [];
  for (const name of names) {
    const create = DRIVERS[name];
    if (create === null || create === undefined) continue;
    try {
      drivers.push(await create(settings, load));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error(`[oslo_messaging_notifications] driver = ${name} sends no notifications: ${reason}`);
    }
  }
  return drivers;
}
