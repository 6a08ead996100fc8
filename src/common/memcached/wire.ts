/**
 * The package `memcached`, one server at a time and for as long as nothing goes wrong: the first failure ends a wire,
 * and its owner takes a new one. What the package does about failures itself is not wanted: it runs the program `ping`
 * (and brings the process down where there is none), it never calls back when a connection breaks, and it counts a full
 * pool as a dead server.
 */
import type { Socket } from 'node:net';
import Memcached from 'memcached';
import { RefusedError } from '../breaker.js';
import type { ServerAddress } from './servers.js';

export interface WireOptions {
  /** Milliseconds to connect in. */
  readonly connectTimeout: number;
  /** Connections at most. */
  readonly poolSize: number;
  /** Milliseconds after which an unused connection is closed. */
  readonly idle: number;
}

/** Memcached takes up to 1 MB with key and header. */
export const MAX_VALUE = 1024 * 1024 - 1024;

/** Milliseconds: the package's timers that keep a process alive end soon. */
const SHORT = 1000;

interface WireSocket extends Socket {
  /** Questions that wait for their answers. */
  readonly metaData: { readonly callback?: (error: Error) => void }[];
}

/** An option that its types leave out. */
const LEFT_OUT: object = { failuresTimeout: SHORT };

/** Members that the package has and its types leave out: the one place that knows of them. */
interface Internals {
  rawDataReceived(socket: WireSocket, lines: string[]): void;
  connectionIssue(error: unknown, socket: WireSocket): void;
  connect(server: string, callback: (error: unknown, socket: WireSocket | false) => void): void;
  readonly connections: Readonly<Record<string, { free(keep: number, hard: boolean): void } | undefined>>;
}

type Done<T> = (error: unknown, result: T) => void;

export class Wire {
  readonly #client: Memcached;
  readonly #internals: Internals;

  /** @param onBroken told of an answer that cannot be understood: nothing that follows on its connection can be */
  constructor(address: ServerAddress, options: WireOptions, onBroken: (error: Error) => void) {
    this.#client = new Memcached(`${address.host}:${address.port}`, {
      timeout: options.connectTimeout,
      retries: 0,
      retry: SHORT,
      reconnect: 5 * SHORT,
      failures: 3,
      poolSize: options.poolSize,
      idle: options.idle,
      maxValue: MAX_VALUE,
      // This is what keeps it from running `ping`.
      remove: true,
      ...LEFT_OUT,
    });
    const internals = this.#client as unknown as Internals;
    const parse = internals.rawDataReceived.bind(this.#client);
    let isParsing = false;
    internals.rawDataReceived = (socket, lines) => {
      isParsing = true;
      try {
        parse(socket, lines);
      } catch (error) {
        socket.destroy();
        onBroken(new Error(`an answer that cannot be read: ${String(error)}`));
      } finally {
        isParsing = false;
      }
    };
    const complain = internals.connectionIssue.bind(this.#client);
    internals.connectionIssue = (error, socket) => {
      // "SERVER_ERROR out of memory" is an answer: the connection is good for the next question.
      if (!isParsing) complain(error, socket);
    };
    const connect = internals.connect.bind(this.#client);
    const known = new WeakSet<WireSocket>();
    internals.connect = (server, callback) =>
      connect(server, (error, socket) => {
        if (socket !== false && socket !== undefined && !known.has(socket)) {
          known.add(socket);
          socket.once('close', () => failAll(socket));
        }
        callback(error, socket);
      });
    this.#internals = internals;
  }

  /** @returns the value as it was stored; undefined when there is none, or one that is not ours */
  get(key: string): Promise<string | undefined> {
    return this.#ask<unknown>((done) => this.#client.get(key, done)).then((found) => textOf(answered(found)));
  }

  /** The value with what `cas` needs. */
  async gets(key: string): Promise<{ readonly value: string; readonly cas: string } | undefined> {
    const found = await this.#ask<Readonly<Record<string, unknown>> | undefined>((done) =>
      this.#client.gets(key, done),
    );
    const value = textOf(answered(found)?.[key]);
    const cas = found?.['cas'];
    return value === undefined || typeof cas !== 'string' ? undefined : { value, cas };
  }

  /**
   * @param expiry as the protocol wants it, see `expiryOf`
   * @throws RefusedError when there is no room for the value
   */
  async set(key: string, value: string, expiry: number): Promise<void> {
    const stored = await this.#ask<unknown>((done) => this.#client.set(key, value, expiry, done));
    if (stored !== true) throw new RefusedError('the server refused to store a value');
  }

  /** @returns false when there is one already */
  add(key: string, value: string, expiry: number): Promise<boolean> {
    return this.#ask<boolean>((done) =>
      this.#client.add(key, value, expiry, (error: unknown, stored) => {
        if (isNotStored(error)) done(undefined, false);
        else done(error, stored);
      }),
    );
  }

  /** @returns false when it was changed or went since `gets` */
  cas(key: string, value: string, cas: string, expiry: number): Promise<boolean> {
    return this.#ask<boolean>((done) => this.#client.cas(key, value, cas, expiry, done));
  }

  async delete(key: string): Promise<void> {
    await this.#ask<unknown>((done) => this.#client.del(key, done));
  }

  /** Close all connections, at once. */
  end(): void {
    for (const pool of Object.values(this.#internals.connections)) pool?.free(0, true);
  }

  #ask<T>(send: (done: Done<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      send((error, result) => {
        if (error === undefined || error === null) resolve(result);
        else reject(error instanceof Error ? error : new Error(describe(error)));
      });
    });
  }
}

/** Whoever still waits on a connection that has closed waits in vain. */
function failAll(socket: WireSocket): void {
  for (const { callback } of socket.metaData.splice(0)) callback?.(new Error('the connection was closed'));
}

/** @throws Error for what the package makes of SERVER_ERROR when it reads: nothing was said about the value */
function answered<T>(found: T): T {
  if (found === false) throw new Error('the server could not answer');
  return found;
}

function describe(error: unknown): string {
  return Array.isArray(error) ? error.map(String).join('; ') : String(error);
}

/** An empty value is stored by nobody here; the package gives numbers and objects for the flags of other clients. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isNotStored(error: unknown): boolean {
  return error instanceof Error && 'notStored' in error && error.notStored === true;
}
