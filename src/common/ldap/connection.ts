/** One connection to one directory server. Whatever goes wrong with it, it ends: nothing is tried again here. */
import { connect as connectSocket, type Socket } from 'node:net';
import { onceLate } from '../once_late.js';
import { Framer } from './ber.js';
import { ConnectionLost, LdapError, RESULT } from './errors.js';
import {
  type Answer,
  abandonRequest,
  bindRequest,
  type Entry,
  type Request,
  type Result,
  readAnswer,
  startTlsRequest,
  unbindRequest,
} from './messages.js';
import type { LdapServer } from './options.js';
import type { Trust } from './tls.js';

export interface ConnectionOptions {
  readonly trust: Trust;
  readonly startTls: boolean;
  /** Milliseconds for the connection, TLS included. */
  readonly connectTimeout: number;
  /** Milliseconds that an answer, or the next part of one, may take. */
  readonly answerTimeout: number;
}

/** Answers that wait for somebody to take them: more, and the server is made to wait. */
const MOST_WAITING = 500;
/** A search as a whole may take this many times the wait for one part of it. */
const PARTS_OF_A_SEARCH = 20;

const CLOSED = 'closed';

/** Who waits for answers to a request. */
interface Waiter {
  answer(answer: Answer): void;
  fail(error: ConnectionLost): void;
}

export class LdapConnection {
  readonly openedAt = Date.now();
  private readonly waiters = new Map<number, Waiter>();
  private framer = new Framer();
  private lastId = 0;
  private failure: ConnectionLost | null = null;
  private detach: () => void = () => undefined;

  private constructor(
    readonly server: LdapServer,
    private socket: Socket,
    private readonly options: ConnectionOptions,
  ) {
    this.attach(socket);
  }

  /**
   * Connects, with TLS where the options ask for it.
   * @throws ConnectionLost; LdapError when the server refuses StartTLS
   */
  static async open(server: LdapServer, options: ConnectionOptions): Promise<LdapConnection> {
    const until = Date.now() + options.connectTimeout;
    const { host, port, path } = server;
    const socket = server.isSecure
      ? await ready(options.trust.connect(host, port), 'secureConnect', server, until)
      : await ready(
          path === null ? connectSocket(port, host) : connectSocket(path),
          'connect',
          server,
          until,
        );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const connection = new LdapConnection(server, socket, options);
    if (options.startTls) await connection.secure(until);
    return connection;
  }

  get isUsable(): boolean {
    return this.failure === null && this.waiters.size === 0;
  }

  /** Who the connection acts for from now on. @throws LdapError when refused; ConnectionLost */
  async bind(dn: string, password: string): Promise<void> {
    await this.request(bindRequest(dn, password), `bind as ${dn}`);
  }

  /** @throws LdapError when the server refuses; ConnectionLost */
  async request(request: Request, operation: string, timeout = this.options.answerTimeout): Promise<Result> {
    const id = this.nextId();
    const result = await new Promise<Result>((resolve, reject) => {
      const cancel = onceLate(timeout, () => this.fail(`no answer within ${timeout} ms`, true));
      this.send(id, request, {
        answer: (answer) => {
          if (answer.kind !== 'result') return;
          cancel();
          this.waiters.delete(id);
          resolve(answer);
        },
        fail: (error) => {
          cancel();
          reject(error);
        },
      });
    });
    if (result.code !== RESULT.success) throw refusal(result, operation);
    return result;
  }

  /**
   * What a search finds, as it comes. Who stops early abandons the search.
   * @returns the result at the end, also when it is a refusal
   * @throws ConnectionLost
   */
  async *search(request: Request): AsyncGenerator<Entry | { urls: readonly string[] }, Result, undefined> {
    const id = this.nextId();
    const { answerTimeout } = this.options;
    const waiting: Answer[] = [];
    let failure: ConnectionLost | null = null;
    let wake: () => void = () => undefined;
    this.send(id, request, {
      answer: (answer) => {
        waiting.push(answer);
        if (waiting.length === MOST_WAITING) this.socket.pause();
        wake();
      },
      fail: (error) => {
        failure = error;
        wake();
      },
    });
    const until = Date.now() + answerTimeout * PARTS_OF_A_SEARCH;
    let isOver = false;
    try {
      for (;;) {
        for (const answer of waiting.splice(0)) {
          if (answer.kind === 'result') {
            isOver = true;
            return answer;
          }
          if (answer.kind === 'entry') yield answer.entry;
          else if (answer.kind === 'reference') yield { urls: answer.urls };
        }
        this.socket.resume();
        if (waiting.length > 0) continue;
        // Read anew: the callbacks above change it.
        const lost = failure as ConnectionLost | null;
        if (lost !== null) throw lost;
        const wait = Math.min(answerTimeout, until - Date.now());
        const cancel = onceLate(wait, () => this.fail(`no answer within ${answerTimeout} ms`, true));
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        cancel();
      }
    } finally {
      this.waiters.delete(id);
      if (!isOver && this.failure === null) {
        this.socket.resume();
        this.socket.write(abandonRequest(id)(this.nextId()));
      }
    }
  }

  /** Ends the connection as politely as LDAP can. */
  close(): void {
    if (this.failure === null) this.socket.write(unbindRequest(this.nextId()));
    this.fail(CLOSED, false);
  }

  /** Whether the connection keeps the process running. */
  keepsProcess(keeps: boolean): void {
    if (keeps) this.socket.ref();
    else this.socket.unref();
  }

  private nextId(): number {
    this.lastId = this.lastId === 0x7fffffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  private send(id: number, request: Request, waiter: Waiter): void {
    if (this.failure !== null) {
      waiter.fail(this.failure);
      return;
    }
    this.waiters.set(id, waiter);
    this.socket.write(request(id));
  }

  private attach(socket: Socket): void {
    const onData = (chunk: Buffer): void => this.receive(chunk);
    const onError = (error: Error): void => this.fail(error.message, false);
    const onClose = (): void => this.fail('the connection was closed', false);
    socket.on('data', onData).on('error', onError).on('end', onClose).on('close', onClose);
    this.detach = () => {
      socket.off('data', onData).off('error', onError).off('end', onClose).off('close', onClose);
    };
  }

  private receive(chunk: Buffer): void {
    try {
      for (const message of this.framer.push(chunk)) {
        if (this.failure !== null) return;
        const answer = readAnswer(message);
        // A message to nobody in particular is the notice that the server will close.
        if (answer.id === 0) return this.fail('the server ended the connection', false);
        // Nobody waits any more for the rest of an abandoned search.
        this.waiters.get(answer.id)?.answer(answer);
      }
    } catch (error) {
      this.fail(`malformed answer: ${(error as Error).message}`, false);
    }
  }

  private async secure(until: number): Promise<void> {
    const { host, port } = this.server;
    const timeout = Math.max(1, until - Date.now());
    try {
      await this.request(startTlsRequest, 'StartTLS', timeout);
    } catch (error) {
      this.close();
      throw error;
    }
    // What came in plain text with the answer must not count as said within TLS.
    if (this.framer.isInside || this.failure !== null) {
      this.fail('data in plain text after the answer to StartTLS', false);
      throw this.failure;
    }
    this.detach();
    const plain = this.socket;
    plain.on('error', () => undefined);
    try {
      this.socket = await ready(
        this.options.trust.connect(host, port, plain),
        'secureConnect',
        this.server,
        until,
      );
    } catch (error) {
      plain.destroy();
      this.failure = error as ConnectionLost;
      throw error;
    }
    this.attach(this.socket);
  }

  private fail(reason: string, timedOut: boolean): void {
    if (this.failure !== null) return;
    this.failure = new ConnectionLost(this.server.url, reason, timedOut);
    this.detach();
    // Errors of a socket that is given up are nobody's business, but must not end the process.
    this.socket.on('error', () => undefined);
    if (reason === CLOSED) {
      const { socket } = this;
      socket.end(() => socket.destroy());
      // A server that reads nothing any more would keep it for ever.
      setTimeout(() => socket.destroy(), 1000).unref();
    } else {
      this.socket.destroy();
    }
    const waiters = [...this.waiters.values()];
    this.waiters.clear();
    for (const waiter of waiters) waiter.fail(this.failure);
  }
}

export function refusal(result: Result, operation: string): LdapError {
  return new LdapError(result.code, result.diagnostic, operation, result.referrals);
}

/** The socket, when it is connected. @throws ConnectionLost */
function ready<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  server: LdapServer,
  until: number,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, timedOut: boolean, cause?: Error): void => {
      cancel();
      socket.removeAllListeners(event);
      socket.destroy();
      reject(new ConnectionLost(server.url, reason, timedOut, { cause }));
    };
    const onError = (error: Error): void => fail(error.message, false, error);
    const onClose = (): void => fail('the connection was closed', false);
    const cancel = onceLate(Math.max(1, until - Date.now()), () => fail('no connection in time', true));
    // Stays on after a failure: a second error must not end the process.
    socket.on('error', onError).on('close', onClose);
    socket.once(event, () => {
      cancel();
      socket.off('error', onError).off('close', onClose);
      resolve(socket);
    });
  });
}
