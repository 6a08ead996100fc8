/** Where the drivers of single domains come from. */
import type { Conf } from '../../../conf/index.js';
import type { IdentityDriver } from '../driver.js';
import type { DriverSlot } from './driver_slot.js';

export interface DomainSource {
  /**
   * The driver of a domain; null when the domain has none of its own.
   * @throws UnexpectedError when the configuration of the domain cannot be used
   */
  find(domainId: string): Promise<DriverSlot | null>;
  /** Look at the configurations again; what is unchanged stays. @throws Error when they cannot be used together */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the driver that the configuration of a domain names. @throws Error saying what is wrong with it */
export type MakeDriver = (conf: Conf, domainId: string) => Promise<IdentityDriver>;
