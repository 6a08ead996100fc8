/**
 * Drivers of domains from the configurations that the domain configuration API keeps in the database. Each choice of
 * a driver looks whether the configuration is still the same: a change through any process holds for the next call.
 */
import { MultipleSQLDriversInConfig, UnexpectedError } from '../../../common/errors.js';
import { getLogger } from '../../../common/log/index.js';
import type { Conf, StoredValue } from '../../../conf/index.js';
import type { DomainSource, MakeDriver } from './domain_source.js';
import { DriverSlot } from './driver_slot.js';
import { problemOf } from './problem.js';

const log = getLogger('keystone.identity.domains');

/** How often a claim on the one SQL driver is tried while others give theirs up. */
const REGISTRATION_ATTEMPTS = 10;
const SQL = 'SQL';

type StoredConfig = Readonly<Record<string, Readonly<Record<string, StoredValue>>>>;

/** What the domain configuration manager and its neighbours do for drivers. */
export interface DatabaseSourceParts {
  readonly makeDriver: MakeDriver;
  /** @throws ConfError */
  readonly confOf: (config: StoredConfig) => Conf;
  /** Differs whenever the configuration does; null when there is none. */
  readonly revision: (domainId: string) => Promise<string | null>;
  readonly config: (domainId: string) => Promise<StoredConfig>;
  readonly configuredDomainIds: () => Promise<readonly string[]>;
  readonly domainExists: (domainId: string) => Promise<boolean>;
  /** Changes with everything that is committed to the database; undefined where it cannot tell. */
  readonly stateOfDatabase: () => Promise<string | undefined>;
  readonly obtainRegistration: (domainId: string, type: string) => Promise<boolean>;
  readonly readRegistration: (type: string) => Promise<string | null>;
  readonly releaseRegistration: (domainId: string, type?: string) => Promise<void>;
}

interface Entry {
  readonly revision: string | null;
  /** State of the database before the revision was read. */
  readonly databaseState: string | undefined;
  readonly slot: DriverSlot | null;
  readonly problem: string | null;
}

/** Neither a revision nor a state of the database is like it. */
const UNSETTLED: Entry = { revision: '', databaseState: undefined, slot: null, problem: null };

/** Domains without a configuration that are remembered as such. */
const MOST_REMEMBERED = 10_000;

export class DatabaseSource implements DomainSource {
  private readonly domains = new Map<string, Entry>();
  private readonly loading = new Map<string, { readonly revision: string; readonly entry: Promise<Entry> }>();
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly parts: DatabaseSourceParts) {}

  async find(domainId: string): Promise<DriverSlot | null> {
    const entry = await this.current(domainId);
    if (entry.problem === null) return entry.slot;
    throw new UnexpectedError(`Domain ${domainId} has no usable identity backend: ${entry.problem}`);
  }

  /** Nothing to do: each choice looks at the database. */
  reload(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await Promise.all([...this.loading.values()].map(({ entry }) => entry.catch(() => undefined)));
    for (const { slot } of this.domains.values()) this.retire(slot);
    this.domains.clear();
    await Promise.all(this.ending);
  }

  private async current(domainId: string): Promise<Entry> {
    const databaseState = await this.parts.stateOfDatabase();
    const known = this.domains.get(domainId);
    if (known !== undefined && databaseState !== undefined && known.databaseState === databaseState) {
      return known;
    }
    const revision = await this.parts.revision(domainId);
    const latest = this.domains.get(domainId);
    if (latest !== undefined && latest.revision === revision) {
      return this.remember(domainId, { ...latest, databaseState });
    }
    if (revision === null) return this.withdraw(domainId, databaseState);
    const running = this.loading.get(domainId);
    if (running?.revision === revision) return running.entry;
    const entry = this.load(domainId, revision, databaseState).finally(() => {
      if (this.loading.get(domainId)?.entry === entry) this.loading.delete(domainId);
    });
    this.loading.set(domainId, { revision, entry });
    return entry;
  }

  private async withdraw(domainId: string, databaseState: string | undefined): Promise<Entry> {
    const before = this.domains.get(domainId);
    if (before?.slot?.driver.traits.isSql === true) await this.parts.releaseRegistration(domainId, SQL);
    const entry = { revision: null, databaseState, slot: null, problem: null };
    if (before !== undefined) log.info(`Domain ${domainId} has no identity backend of its own any more`);
    else if (this.domains.size >= MOST_REMEMBERED) return entry;
    return this.remember(domainId, entry);
  }

  private async load(domainId: string, revision: string, databaseState: string | undefined): Promise<Entry> {
    await this.forgetGone();
    const stored = await this.parts.config(domainId);
    let slot: DriverSlot;
    try {
      const conf = this.parts.confOf(stored);
      slot = new DriverSlot(await this.parts.makeDriver(conf, domainId), conf.identity.list_limit);
    } catch (error) {
      const problem = problemOf(error);
      log.error(`The identity backend of domain ${domainId} cannot be used: ${problem}`);
      return this.remember(domainId, { revision, databaseState, slot: null, problem });
    }
    try {
      await this.claim(domainId, slot.driver.traits.isSql);
    } catch (error) {
      this.retire(slot);
      log.error(`The identity backend of domain ${domainId} cannot be used: ${problemOf(error)}`);
      // What another domain holds may be free at the next call.
      this.remember(domainId, UNSETTLED);
      throw error;
    }
    log.info(`Domain ${domainId} has an identity backend of its own`);
    return this.remember(domainId, { revision, databaseState, slot, problem: null });
  }

  private remember(domainId: string, entry: Entry): Entry {
    const before = this.domains.get(domainId)?.slot ?? null;
    this.domains.set(domainId, entry);
    if (before !== entry.slot) this.retire(before);
    return entry;
  }

  /** Drivers of domains that were deleted, which nobody will ask for again. */
  private async forgetGone(): Promise<void> {
    const configured = new Set(await this.parts.configuredDomainIds());
    for (const [domainId, { slot }] of this.domains) {
      if (slot === null || configured.has(domainId)) continue;
      this.domains.delete(domainId);
      this.retire(slot);
    }
  }

  private retire(slot: DriverSlot | null): void {
    if (slot === null) return;
    const ending = slot.retire().finally(() => this.ending.delete(ending));
    this.ending.add(ending);
  }

  /**
   * Of all domains only one may use the SQL tables: the first to register. A claim of a domain that is gone is void.
   * @throws MultipleSQLDriversInConfig
   */
  private async claim(domainId: string, isSql: boolean): Promise<void> {
    const { obtainRegistration, readRegistration, releaseRegistration, domainExists } = this.parts;
    if (!isSql) {
      await releaseRegistration(domainId);
      return;
    }
    for (let attempt = 0; attempt < REGISTRATION_ATTEMPTS; attempt += 1) {
      if (await obtainRegistration(domainId, SQL)) return;
      const holder = await readRegistration(SQL);
      if (holder === domainId) return;
      if (holder === null) continue;
      if (await domainExists(holder)) {
        throw new MultipleSQLDriversInConfig(
          `only one domain may have an SQL identity backend, and domain ${holder} has it already. A configuration` +
            ' that sets no [identity] driver has the default, sql',
        );
      }
      await releaseRegistration(holder, SQL);
    }
    throw new UnexpectedError(`domain ${domainId} could not register its SQL identity backend`);
  }
}
