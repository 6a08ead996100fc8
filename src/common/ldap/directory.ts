/**
 * The port to LDAP directories: everything that the service asks of one goes through here. It is made from a section
 * of options and knows nothing of users or groups.
 */
import { getLogger } from '../log/index.js';
import { LdapConnection, refusal } from './connection.js';
import { ConnectionLost, isOverload, LdapError, RESULT } from './errors.js';
import { ANYTHING, type Filter, filterText } from './filter.js';
import {
  addRequest,
  type Change,
  deleteRequest,
  Entry,
  modifyRequest,
  type Request,
  type Result,
  type Scope,
  searchRequest,
  type Values,
} from './messages.js';
import { type LdapOptions, type LdapServer, type LdapSettings, ldapSettings } from './options.js';
import { ConnectionPool, type Lease, type PoolOptions } from './pool.js';
import { type ProbeStep, probeServer } from './probe.js';
import { chase } from './referrals.js';
import { Servers } from './servers.js';
import { Trust } from './tls.js';

const log = getLogger('keystone.common.ldap');

/** Milliseconds between two looks at servers that failed. */
const LOOK_PAUSE = 5000;
/** Attribute list for searches that want names only (RFC 4511, section 4.5.1.8). */
export const NAMES_ONLY: readonly string[] = ['1.1'];

export interface SearchRequest {
  readonly base: string;
  readonly scope: Scope;
  /** Default: everything. */
  readonly filter?: Filter;
  /** Default: names only. */
  readonly attributes?: readonly string[];
  /** Most entries to find. Default: all. */
  readonly limit?: number;
}

export class LdapDirectory {
  private readonly settings: LdapSettings;
  private readonly trust: Trust;
  private readonly servers: Servers;
  private readonly pool: ConnectionPool;
  private readonly authPool: ConnectionPool;
  private pages: boolean;

  /**
   * Nothing is connected yet.
   * @param pause milliseconds between two looks at servers that failed
   * @throws LdapOptionError naming the option
   */
  constructor(options: LdapOptions, pause = LOOK_PAUSE) {
    this.settings = ldapSettings(options);
    this.trust = new Trust(this.settings.tls);
    this.pages = this.settings.pageSize > 0;
    const check = async (server: LdapServer): Promise<void> => (await this.openBound(server)).close();
    this.servers = new Servers(this.settings.servers, check, pause);
    const { pool, authPool, answerTimeout } = this.settings;
    const common: Pick<PoolOptions, 'patience' | 'isOutdated'> = {
      patience: answerTimeout,
      isOutdated: ({ server }) => this.servers.isSurpassed(server),
    };
    const single = { size: Number.POSITIVE_INFINITY, lifetime: 0 };
    this.pool = new ConnectionPool({ ...common, ...(pool ?? single), open: () => this.connect(true) });
    this.authPool = new ConnectionPool({
      ...common,
      ...(authPool ?? single),
      open: () => this.connect(false),
    });
  }

  /**
   * Entries as they come, page by page. A base that does not exist has none.
   * @throws LdapError, ConnectionLost
   */
  async *search(request: SearchRequest): AsyncGenerator<Entry, void, undefined> {
    const wanted = { filter: ANYTHING, attributes: NAMES_ONLY, limit: 0, ...request };
    this.note(() => `search ${wanted.base} (${wanted.scope}) ${filterText(wanted.filter)}`);
    const { limit } = wanted;
    for (let attempt = 0; ; attempt += 1) {
      const lease = await this.lease();
      let found = 0;
      let isOver = false;
      try {
        for await (const entry of this.searchOn(lease.connection, wanted)) {
          // The server counts too: to read on to its end is cheaper than to abandon the search.
          if (found === limit && limit > 0) break;
          found += 1;
          yield entry;
        }
        isOver = true;
        return;
      } catch (error) {
        isOver = error instanceof LdapError;
        if (error instanceof LdapError && error.code === RESULT.noSuchObject) return;
        if (found > 0 || !this.mayTryAgain(error, lease, attempt)) throw error;
      } finally {
        // Who stops early leaves the connection usable: the search was abandoned.
        if (isOver || lease.connection.isUsable) lease.release();
        else lease.discard();
      }
    }
  }

  async searchAll(request: SearchRequest): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const entry of this.search(request)) entries.push(entry);
    return entries;
  }

  /** One entry by its name; null when there is none, or none that matches. @throws LdapError, ConnectionLost */
  async get(dn: string, attributes: readonly string[], filter: Filter = ANYTHING): Promise<Entry | null> {
    const [entry] = await this.searchAll({ base: dn, scope: 'base', filter, attributes });
    return entry ?? null;
  }

  /**
   * All values of an attribute, also where the server (Active Directory) sends large ones in ranges.
   * @returns null when there is no such entry
   */
  async values(dn: string, attribute: string, filter: Filter = ANYTHING): Promise<string[] | null> {
    const all: string[] = [];
    for (let asked = attribute; ; ) {
      const entry = await this.get(dn, [asked], filter);
      if (entry === null) return null;
      all.push(...entry.texts(attribute));
      const prefix = `${attribute.toLowerCase()};range=`;
      const range = [...entry.attributes.keys()].find((name) => name.startsWith(prefix));
      if (range === undefined) return all;
      all.push(...entry.texts(range));
      const last = /-(\d+)$/.exec(range)?.[1];
      if (last === undefined) return all;
      asked = `${attribute};range=${Number(last) + 1}-*`;
    }
  }

  /** @throws LdapError, ConnectionLost */
  async add(dn: string, attributes: ReadonlyMap<string, Values>): Promise<void> {
    await this.write(addRequest(dn, attributes), `add ${dn} (${[...attributes.keys()].join(', ')})`);
  }

  /** @throws LdapError, ConnectionLost */
  async modify(dn: string, changes: readonly Change[]): Promise<void> {
    const what = changes.map(({ operation, attribute }) => `${operation} ${attribute}`).join(', ');
    await this.write(modifyRequest(dn, changes), `modify ${dn} (${what})`);
  }

  /** @throws LdapError, ConnectionLost */
  async delete(dn: string): Promise<void> {
    await this.write(deleteRequest(dn, false), `delete ${dn}`);
  }

  /**
   * Delete an entry with all beneath it: at once where the server can, otherwise from below.
   * @throws LdapError, ConnectionLost
   */
  async deleteTree(dn: string): Promise<void> {
    try {
      await this.write(deleteRequest(dn, true), `delete ${dn} with all beneath it`);
    } catch (error) {
      const isRefused = error instanceof LdapError && error.code === RESULT.notAllowedOnNonLeaf;
      if (!isRefused) throw error;
      const entries = await this.searchAll({ base: dn, scope: 'sub' });
      // A name is shorter than all names beneath it.
      const names = entries.map((entry) => entry.dn).sort((one, other) => other.length - one.length);
      for (const name of names) await this.delete(name);
    }
  }

  /**
   * Whether a password is that of an entry. Empty ones are not tried: directories take them for nobody, who is let in.
   * @throws ConnectionLost; LdapError when the server is too busy to say
   */
  async checkBind(dn: string, password: string): Promise<boolean> {
    if (dn === '' || password === '' || password.includes('\0')) return false;
    for (let attempt = 0; ; attempt += 1) {
      const lease = await this.lease(this.authPool);
      try {
        await lease.connection.bind(dn, password);
        this.note(() => `bind as ${dn}: right`);
        lease.release();
        return true;
      } catch (error) {
        if (error instanceof LdapError && !isOverload(error)) {
          this.note(() => error.message);
          // After a refusal the connection is nobody's, and good for the next one (RFC 4511, section 4.2.1).
          lease.release();
          return false;
        }
        lease.discard();
        if (!this.mayTryAgain(error, lease, attempt)) throw error;
      }
    }
  }

  /** What works, server by server and step by step: for `keystone-manage ldap_check` and the doctor. */
  async probe(): Promise<ProbeStep[]> {
    const steps: ProbeStep[] = [];
    for (const server of this.settings.servers) {
      steps.push(...(await probeServer(server, this.connectionOptions(), this.settings.account)));
    }
    return steps;
  }

  /** One question that every directory answers. @throws ConnectionLost, LdapError */
  async ping(): Promise<void> {
    await this.get('', NAMES_ONLY);
  }

  /** For the live diagnosis. */
  state(): Readonly<Record<string, unknown>> {
    return {
      servers: this.servers.state(),
      connections: this.pool.state(),
      sign_in_connections: this.authPool.state(),
      pages: this.pages,
    };
  }

  async close(): Promise<void> {
    this.pool.close();
    this.authPool.close();
    await Promise.resolve();
  }

  private async *searchOn(
    connection: LdapConnection,
    search: Required<SearchRequest>,
  ): AsyncGenerator<Entry, void, undefined> {
    const { settings } = this;
    const full = { ...search, dereferencing: settings.dereferencing };
    const size = search.limit === 0 ? settings.pageSize : Math.min(settings.pageSize, search.limit);
    let cookie = Buffer.alloc(0);
    for (;;) {
      const page = this.pages && search.scope !== 'base' ? { size, cookie } : null;
      const result = yield* this.pageOn(connection, full, searchRequest(full, page));
      if (page !== null && result.code === RESULT.unavailableCriticalExtension && cookie.length === 0) {
        this.stopPaging();
        continue;
      }
      const isCut = search.limit > 0 && result.code === RESULT.sizeLimitExceeded;
      if (result.code !== RESULT.success && !isCut) {
        throw refusal(result, `search ${search.base}`);
      }
      if (page !== null && result.cookie === null && !isCut) this.stopPaging();
      if (page === null || result.cookie === null || result.cookie.length === 0) return;
      cookie = Buffer.from(result.cookie);
    }
  }

  /** One request, with what other servers know where referrals are chased. */
  private async *pageOn(
    connection: LdapConnection,
    search: Required<SearchRequest> & { dereferencing: number },
    request: Request,
  ): AsyncGenerator<Entry, Result, undefined> {
    const results = connection.search(request);
    let isOver = false;
    try {
      for (;;) {
        const next = await results.next();
        if (next.done === true) {
          isOver = true;
          if (next.value.code !== RESULT.referral || !this.settings.chaseReferrals) return next.value;
          yield* chase(next.value.referrals, search, this.connectionOptions());
          return { ...next.value, code: RESULT.success };
        }
        if (next.value instanceof Entry) yield next.value;
        else if (this.settings.chaseReferrals) {
          yield* chase(next.value.urls, search, this.connectionOptions());
        } else {
          log.debug('Referrals were ignored; [ldap] chase_referrals would follow them');
        }
      }
    } finally {
      if (!isOver) await results.return({ ...NO_RESULT });
    }
  }

  private stopPaging(): void {
    if (this.pages) log.warn('The directory cannot page: set [ldap] page_size = 0 to avoid this message');
    this.pages = false;
  }

  private async write(request: Request, operation: string): Promise<void> {
    this.note(() => operation);
    const lease = await this.lease();
    try {
      await lease.connection.request(request, operation);
      lease.release();
    } catch (error) {
      if (error instanceof LdapError) lease.release();
      else lease.discard();
      // It may have been done: nothing is written twice.
      this.suspect(error, lease);
      throw error;
    }
  }

  private lease(pool = this.pool): Promise<Lease> {
    this.servers.lookAtFailed();
    return pool.acquire();
  }

  /** Once, where the failure says nothing of the request: a kept connection that had ended, or another server. */
  private mayTryAgain(error: unknown, lease: Lease, attempt: number): boolean {
    this.suspect(error, lease);
    if (!(error instanceof ConnectionLost) || attempt > 0) return false;
    return error.timedOut ? this.servers.hasOther : lease.isUsed || this.servers.hasOther;
  }

  private suspect(error: unknown, { connection, isUsed }: Lease): void {
    if (!(error instanceof ConnectionLost)) return;
    this.pool.forgetFree();
    this.authPool.forgetFree();
    // The end of a kept connection is no news of the server.
    if (error.timedOut || !isUsed) this.servers.fails(connection.server, error);
  }

  /** The first server that works. @throws ConnectionLost of the last one; LdapError when the account is refused */
  private async connect(bound: boolean): Promise<LdapConnection> {
    const { attempts, attemptDelay, connectTimeout } = this.settings;
    const until = Date.now() + connectTimeout;
    for (let attempt = 1; ; attempt += 1) {
      let last: unknown;
      for (const server of this.servers.inOrder()) {
        try {
          const connection = bound
            ? await this.openBound(server)
            : await LdapConnection.open(server, this.connectionOptions());
          this.servers.works(server);
          return connection;
        } catch (error) {
          last = error;
          if (!(error instanceof ConnectionLost || (error instanceof LdapError && isOverload(error))))
            throw error;
          this.servers.fails(server, error);
        }
      }
      if (attempt >= attempts || Date.now() + attemptDelay >= until) throw last;
      await new Promise((resolve) => setTimeout(resolve, attemptDelay));
    }
  }

  private async openBound(server: LdapServer): Promise<LdapConnection> {
    const connection = await LdapConnection.open(server, this.connectionOptions());
    const { account } = this.settings;
    if (account === null) return connection;
    try {
      await connection.bind(account.dn, account.password);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  private connectionOptions(): Parameters<typeof LdapConnection.open>[1] {
    const { startTls, connectTimeout, answerTimeout } = this.settings;
    return { trust: this.trust, startTls, connectTimeout, answerTimeout };
  }

  /** `debug_level` writes to the log what the Python library writes to standard error. */
  private note(text: () => string): void {
    if (this.settings.logOperations) log.info(`LDAP: ${text()}`);
    else if (log.isDebugEnabled()) log.debug(`LDAP: ${text()}`);
  }
}

const NO_RESULT: Result = {
  kind: 'result',
  id: 0,
  code: RESULT.success,
  diagnostic: '',
  referrals: [],
  cookie: null,
};
