/**
 * One HTTP listener that can be stopped without losing a request.
 *
 * A front server keeps connections open and sends the next request whenever it likes. `server.close()` of Node closes
 * idle connections at once, and with them requests that are on their way. So a listener that drains stops accepting,
 * goes on answering on every connection that is open, and says `Connection: close` in each answer; what is still idle
 * after some seconds is closed then, and what still runs at the deadline is cut off.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { onceLate } from '../common/once_late.js';
import type { ListenAddress } from './address.js';
import { answerClientError } from './client_errors.js';
import { listen } from './listen.js';

/** What answers requests, at once or later: a Koa application's `callback()`. It never throws. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface HttpServerOptions {
  /** Seconds that an idle connection stays open; longer than the front server keeps it. 0: for ever. */
  readonly keepAliveTimeout: number;
  /** Bytes of all headers of a request together. */
  readonly maxHeaderSize: number;
}

export interface DrainOptions {
  /** Milliseconds until connections without a request are closed. */
  readonly idleGrace: number;
  /** Milliseconds until running requests are cut off. */
  readonly deadline: number;
}

export interface Drained {
  /** Requests that were cut off. */
  readonly aborted: number;
}

/** A client that sends a request byte by byte must not hold a connection for ever. */
/** The connection's last response, kept with the connection: looked at only when something ends. */
const LAST = Symbol('last response');
type Connection = Socket & { [LAST]?: ServerResponse };

/** A response that is under way. */
function runningOn(connection: Connection): ServerResponse | null {
  const last = connection[LAST];
  return last === undefined || last.destroyed || last.writableFinished ? null : last;
}

const HEADERS_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 300_000;

export class HttpListener {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #draining: Promise<Drained> | null = null;
  #address: ListenAddress | null = null;

  constructor(handler: RequestHandler, { keepAliveTimeout, maxHeaderSize }: HttpServerOptions) {
    this.#server = createServer({
      keepAliveTimeout: keepAliveTimeout * 1000,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize,
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    this.#server.on('request', (request, response) => {
      this.#track(request.socket, response);
      void handler(request, response);
    });
    this.#server.on('clientError', (error, socket) =>
      answerClientError(error, socket, runningOn(socket as Connection) !== null),
    );
  }

  /** Where it listens; null before and after. */
  get address(): ListenAddress | null {
    return this.#address;
  }

  get isDraining(): boolean {
    return this.#draining !== null;
  }

  /** @throws ListenError */
  async listen(address: ListenAddress): Promise<ListenAddress> {
    this.#address = await listen(this.#server, address);
    return this.#address;
  }

  /** Stop as described above; asked again, it waits for the same end. */
  drain(options: DrainOptions): Promise<Drained> {
    this.#draining ??= this.#drain(options);
    return this.#draining;
  }

  #track(connection: Connection, response: ServerResponse): void {
    connection[LAST] = response;
    if (this.#draining !== null) response.shouldKeepAlive = false;
  }

  #running(): ServerResponse[] {
    return [...this.#connections].flatMap((connection) => runningOn(connection) ?? []);
  }

  async #drain({ idleGrace, deadline }: DrainOptions): Promise<Drained> {
    for (const response of this.#running()) {
      if (!response.headersSent) response.shouldKeepAlive = false;
    }
    let aborted = 0;
    const keepIdle = onceLate(idleGrace, () => this.#closeIdle());
    const end = setTimeout(() => {
      aborted = this.#running().length;
      this.#server.closeAllConnections();
    }, deadline);
    await new Promise<void>((resolve) => {
      // Of http.Server, close() would close idle connections now.
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
    keepIdle();
    clearTimeout(end);
    this.#address = null;
    return { aborted };
  }

  #closeIdle(): void {
    this.#server.closeIdleConnections();
    // To Node, a connection that never carried anything is not idle: it may be about to.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
  }
}
