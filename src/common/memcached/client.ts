/** Memcached: several servers, each with its connections, deadline and breaker. */
import { Breaker, type BreakerState, UnavailableError } from '../breaker.js';
import { getLogger } from '../log/index.js';
import { type ServerAddress, serverOf } from './servers.js';
import { Slots } from './slots.js';
import { MAX_VALUE, Wire } from './wire.js';

export interface MemcachedOptions {
  readonly servers: readonly ServerAddress[];
  /** Milliseconds that an answer may take, connecting included. */
  readonly deadline: number;
  /** Failures in a row after which a server counts as down. */
  readonly failures: number;
  /** Milliseconds after which a server that is down has been tried again at the latest. */
  readonly deadRetry: number;
  /** Connections to each server at most. */
  readonly poolSize: number;
  /** Milliseconds after which an unused connection is closed. */
  readonly idle: number;
  /** Milliseconds to wait for a free connection. */
  readonly acquire: number;
  /** What the servers are for, in the log. */
  readonly purpose: string;
}

export interface ServerState extends BreakerState {
  readonly server: string;
}

/** What a value is to become. */
export interface Replacement {
  readonly value: string;
  /** Milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null;
}

const log = getLogger('keystone.common.memcached');

/** Attempts to change a value that others change too. */
const MAX_ATTEMPTS = 50;
/** A key that nobody stores, to see whether a server answers. */
const PROBE_KEY = 'keystone-koa-probe';
/** Milliseconds after the deadline until a connection is given up that nobody waits for any more. */
const GIVEN_UP = 1000;
/** Seconds up to which memcached takes an expiry as a time from now. */
const LONGEST_RELATIVE = 30 * 24 * 3600;
/** Seconds since the epoch: a value that is to expire later is gone at once. */
const LAST_EXPIRY = 2 ** 31 - 1;

/**
 * An expiry for the protocol: whole seconds from now, the time since the epoch when it is more than 30 days away, and 0,
 * which is never, when memcached cannot count so far.
 * @param expiresAt milliseconds since the epoch; null for never
 * @returns null when it has passed
 */
export function expiryOf(expiresAt: number | null, now = Date.now()): number | null {
  if (expiresAt === null) return 0;
  const seconds = Math.ceil((expiresAt - now) / 1000);
  if (seconds <= 0) return null;
  if (seconds <= LONGEST_RELATIVE) return seconds;
  const time = Math.ceil(expiresAt / 1000);
  return time <= LAST_EXPIRY ? time : 0;
}

/** Keys are at most 250 printable characters; values are texts of one line, not empty. */
export class MemcachedClient {
  readonly #servers: readonly Server[];

  constructor(options: MemcachedOptions) {
    this.#servers = options.servers.map((address) => new Server(address, options));
  }

  /** @throws UnavailableError */
  get(key: string): Promise<string | undefined> {
    return this.#serverOf(key).ask((wire) => wire.get(key));
  }

  /**
   * @param expiresAt milliseconds since the epoch; null for never
   * @throws UnavailableError; RangeError for a value that is too large
   */
  async set(key: string, value: string, expiresAt: number | null): Promise<void> {
    requireFits(value);
    const expiry = expiryOf(expiresAt);
    if (expiry === null) return this.delete(key);
    await this.#serverOf(key).ask((wire) => wire.set(key, value, expiry));
  }

  /** @throws UnavailableError */
  delete(key: string): Promise<void> {
    return this.#serverOf(key).ask((wire) => wire.delete(key));
  }

  /**
   * Change a value that others may change at the same time.
   * @param change gets the present value; may be called several times; null leaves it as it is
   * @throws UnavailableError, also when others change it all the time; RangeError for a value that is too large
   */
  async update(key: string, change: (value: string | undefined) => Replacement | null): Promise<void> {
    const server = this.#serverOf(key);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const known = await server.ask((wire) => wire.gets(key));
      const wanted = change(known?.value);
      const expiry = wanted === null ? null : expiryOf(wanted.expiresAt);
      if (wanted === null || expiry === null) return;
      const { value } = wanted;
      requireFits(value);
      const done = await server.ask((wire) =>
        known === undefined ? wire.add(key, value, expiry) : wire.cas(key, value, known.cas, expiry),
      );
      if (done) return;
    }
    throw new UnavailableError(`a value on ${server.name} is changed by others all the time`);
  }

  states(): readonly ServerState[] {
    return this.#servers.map((server) => server.state());
  }

  /** Whether each server answers. @throws UnavailableError for the first that does not */
  async ping(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.ask((wire) => wire.get(PROBE_KEY))));
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  #serverOf(key: string): Server {
    return serverOf(this.#servers, key);
  }
}

class Server {
  readonly name: string;
  readonly #address: ServerAddress;
  readonly #options: MemcachedOptions;
  readonly #slots: Slots;
  readonly #breaker: Breaker;
  #wire: Wire | null = null;

  constructor(address: ServerAddress, options: MemcachedOptions) {
    this.name = address.name;
    this.#address = address;
    this.#options = options;
    this.#slots = new Slots(options.poolSize);
    this.#breaker = new Breaker({
      deadline: options.deadline,
      failures: options.failures,
      retry: options.deadRetry,
      probe: () => this.#useWire((wire) => wire.get(PROBE_KEY)),
      onFailure: () => this.#endWire(),
      onChange: (up, reason) => {
        const text = `Memcached server ${this.name} (${options.purpose})`;
        if (up) log.warn(`${text} is used again: ${reason}`);
        else log.warn(`${text} is left out: ${reason}`);
      },
    });
  }

  /** @throws UnavailableError */
  async ask<T>(work: (wire: Wire) => Promise<T>): Promise<T> {
    if (!this.#breaker.isUp) return this.#breaker.run(() => this.#useWire(work));
    // Waiting for a connection says nothing about the server; its deadline begins afterwards.
    let begun = false;
    try {
      return await this.#slots.run(this.#options.acquire, () => {
        begun = true;
        return this.#breaker.run(() => this.#useWire(work));
      });
    } catch (error) {
      if (begun) throw error;
      throw new UnavailableError((error as Error).message, { cause: error });
    }
  }

  state(): ServerState {
    return { server: this.name, ...this.#breaker.state() };
  }

  close(): void {
    this.#breaker.close();
    this.#endWire();
  }

  #useWire<T>(work: (wire: Wire) => Promise<T>): Promise<T> {
    const { deadline, poolSize, idle } = this.#options;
    this.#wire ??= new Wire(
      this.#address,
      // The deadline is the breaker's: a connection that was made while this process was busy is in time.
      { connectTimeout: deadline + GIVEN_UP, poolSize, idle },
      (error) => this.#breaker.fail(error),
    );
    return work(this.#wire);
  }

  #endWire(): void {
    this.#wire?.end();
    this.#wire = null;
  }
}

function requireFits(value: string): void {
  if (Buffer.byteLength(value) > MAX_VALUE) {
    throw new RangeError(`a value of ${Buffer.byteLength(value)} bytes is more than memcached takes`);
  }
}
