/** The Koa application around a pipeline: the request's log context, its access line, and the last net for errors. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa, { type Context, type Middleware } from 'koa';
import { requestContext } from '../common/context.js';
import { KeystoneError } from '../common/errors.js';
import { baseUrlOf } from '../common/http/base_url.js';
import { hasBody } from '../common/http/body.js';
import { renderError } from '../common/http/render.js';
import { ACCESS_LOGGER, getLogger, runBriefly, runInRequest } from '../common/log/index.js';
import { after, atLast, DONE, promised } from '../pipeline/index.js';
import type { ActiveRequests } from './active_requests.js';
import { errorBody } from './client_errors.js';
import type { RequestHandler } from './http_server.js';

const accessLog = getLogger(ACCESS_LOGGER);
const log = getLogger('keystone.server');

export interface KoaAppOptions {
  /** `[DEFAULT] insecure_debug` */
  readonly insecureDebug: boolean;
  /** `[DEFAULT] public_endpoint` */
  readonly publicEndpoint: string | null;
  /** Where requests are counted while they are answered. */
  readonly active?: ActiveRequests;
  /** No line for each request. */
  readonly silent?: boolean;
}

/** What an `http-errors` error says: Koa's `ctx.throw`, which filters of deployers use. */
function httpStatusOf(error: unknown): number | null {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

function answer(ctx: Context, status: number, message: string): void {
  ctx.status = status;
  ctx.res.setHeader('Vary', 'X-Auth-Token');
  ctx.res.setHeader('Content-Type', 'application/json');
  ctx.body = errorBody(status, message);
}

/**
 * Serve a pipeline. Errors that nobody below has answered become the API's.
 *
 * @returns what answers a request of `node:http`
 */
export function koaHandler(pipeline: Middleware, options: KoaAppOptions): RequestHandler {
  const rendering = {
    insecureDebug: options.insecureDebug,
    baseUrl: baseUrlOf(options.publicEndpoint),
    log,
  };
  const app = new Answered();

  const next = (): Promise<void> => DONE;
  const settle = (ctx: Context): void => {
    if (ctx.res.statusCode !== 404 || ctx.body !== undefined || ctx.respond === false || ctx.headerSent)
      return;
    answer(ctx, 404, 'The resource could not be found.');
  };
  const fail = (ctx: Context, error: unknown): void => {
    const status = error instanceof KeystoneError ? null : httpStatusOf(error);
    if (status === null) renderError(ctx, error, rendering);
    else answer(ctx, status, (error as Error).message);
  };
  const guarded = (ctx: Context): Promise<unknown> => {
    try {
      const work = after(promised(pipeline(ctx, next)), () => settle(ctx));
      return work === DONE ? DONE : work.catch((error: unknown) => fail(ctx, error));
    } catch (error) {
      fail(ctx, error);
      return DONE;
    }
  };

  const handle = (ctx: Context): Promise<unknown> => {
    const began = performance.now();
    const context = requestContext(ctx);
    const { method } = ctx.req;
    const { path } = ctx;
    const entry = options.active?.begin(method ?? '', path, context, began);
    // What reads a body or writes waits anyway; whatever else does enters the request where it begins to.
    const waits = (method !== 'GET' && method !== 'HEAD') || hasBody(ctx.req);
    const work = waits ? runInRequest(context, () => guarded(ctx)) : runBriefly(context, () => guarded(ctx));
    return atLast(work, () => {
      if (entry !== undefined) options.active?.end(entry);
      if (options.silent === true) return;
      // The query may hold anything: filters and their values are the client's own business.
      const line = `${method} ${path} ${ctx.res.statusCode} ${(performance.now() - began).toFixed(1)} ms`;
      runBriefly(context, () => accessLog.info(line));
    });
  };
  return (request, response) => {
    const ctx = app.createContext(request, response);
    // As Koa does: what nobody answers is not found.
    response.statusCode = 404;
    const work = handle(ctx);
    if (work === DONE) app.send(ctx);
    else void work.then(() => app.send(ctx)).catch((error: Error) => ctx.onerror(error));
  };
}

/** Statuses without a body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Koa for contexts that were answered before they come to it: it sends what they hold. */
class Answered extends Koa {
  readonly #answered = new WeakMap<IncomingMessage, { readonly ctx: Context; readonly status: number }>();
  readonly #koaSends: RequestHandler;

  constructor() {
    super({ env: 'production' });
    this.silent = true;
    this.on('error', tellOfLostAnswer);
    this.use((ctx) => {
      // Koa begins with 404.
      ctx.res.statusCode = this.#answered.get(ctx.req)?.status ?? 404;
    });
    this.#koaSends = this.callback();
  }

  /** Texts and bytes at once, whatever else there is in Koa's own way. */
  send(ctx: Context): void {
    const { req, res, body } = ctx;
    const isPlain = typeof body === 'string' || Buffer.isBuffer(body);
    if (
      isPlain &&
      ctx.respond !== false &&
      ctx.writable &&
      req.method !== 'HEAD' &&
      !EMPTY.has(res.statusCode)
    ) {
      res.end(body);
      return;
    }
    this.#answered.set(req, { ctx, status: res.statusCode });
    this.#koaSends(req, res);
  }

  override createContext<State = Koa.DefaultState>(
    req: IncomingMessage,
    res: ServerResponse,
  ): Koa.ParameterizedContext<State> {
    const answered = this.#answered.get(req)?.ctx;
    return answered ?? super.createContext(req, res);
  }
}

function tellOfLostAnswer(error: unknown): void {
  // A client that went away while the answer was being sent.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'EPIPE') log.debug(text);
  else log.error(`The answer could not be sent: ${text}`);
}
