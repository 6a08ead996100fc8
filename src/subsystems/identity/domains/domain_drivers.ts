/**
 * Which driver a domain's users and groups lie in: its own, or the standard one of `[identity] driver`.
 * Source: facts of Keystone 10.0.3, `[identity] domain_specific_drivers_enabled`.
 */
import { DomainNotFound } from '../../../common/errors.js';
import { getLogger } from '../../../common/log/index.js';
import type { Conf } from '../../../conf/index.js';
import type { IdentityDriver } from '../driver.js';
import type { DomainSource } from './domain_source.js';
import { DriverSlot } from './driver_slot.js';
import { problemOf } from './problem.js';

const log = getLogger('keystone.identity.domains');

/** A driver for the time of a call. */
export interface Selection {
  readonly driver: IdentityDriver;
  readonly isStandard: boolean;
  /** The domain that it was chosen for; what a driver that knows no domains has belongs to it. */
  readonly domainId: string;
  /** `[identity] list_limit` of its configuration. */
  readonly listLimit: number | null;
}

export class DomainDrivers {
  private readonly standardSlot: DriverSlot;
  private readonly defaultDomainId: string;

  /** @param source null: all domains are in the standard driver */
  constructor(
    readonly standard: IdentityDriver,
    private readonly source: DomainSource | null,
    conf: Conf,
  ) {
    this.standardSlot = new DriverSlot(standard, conf.identity.list_limit);
    this.defaultDomainId = conf.identity.default_domain_id;
  }

  /** Whether domains may have drivers of their own. */
  get isByDomain(): boolean {
    return this.source !== null;
  }

  /**
   * Do something with the driver of a domain.
   * @param domainId null: the standard driver
   * @throws DomainNotFound when the standard driver has only one domain, and it is another one; UnexpectedError when
   *   the configuration of the domain cannot be used
   */
  async use<T>(domainId: string | null, work: (selection: Selection) => Promise<T>): Promise<T> {
    for (;;) {
      const own = domainId === null ? null : ((await this.source?.find(domainId)) ?? null);
      if (own?.isRetired === true) continue;
      if (own === null) this.assertStandard(domainId);
      const slot = own ?? this.standardSlot;
      const selection: Selection = {
        driver: slot.driver,
        isStandard: own === null,
        domainId: domainId ?? this.defaultDomainId,
        listLimit: slot.listLimit,
      };
      return slot.use(() => work(selection));
    }
  }

  /**
   * Do something with the driver that keeps users and groups of a domain in the SQL tables, if there is one. What a
   * domain has there outlives a change to a directory, and the other way round a broken configuration.
   */
  async useSql<T>(domainId: string, work: (selection: Selection) => Promise<T>): Promise<T | null> {
    if (this.standard.traits.isSql) return this.use(null, work);
    let own: DriverSlot | null = null;
    try {
      own = (await this.source?.find(domainId)) ?? null;
    } catch (error) {
      log.warn(`Taken as a domain of a directory: ${problemOf(error)}`);
    }
    return own?.driver.traits.isSql === true ? this.use(domainId, work) : null;
  }

  async reload(): Promise<void> {
    await this.source?.reload();
  }

  async close(): Promise<void> {
    await Promise.all([this.standardSlot.retire(), this.source?.close()]);
  }

  private assertStandard(domainId: string | null): void {
    if (domainId === null || domainId === this.defaultDomainId || this.standard.traits.isDomainAware) return;
    log.warn(
      `Domain ${domainId} has no identity backend: that of [identity] driver knows one domain only, which is` +
        ` ${this.defaultDomainId}`,
    );
    throw new DomainNotFound({ domain_id: domainId });
  }
}
