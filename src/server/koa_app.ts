/** The Koa application around a pipeline: the request's log context, its access line, and the last net for errors. */
import Koa, { type Context, type Middleware } from 'koa';
import { requestContext } from '../common/context.js';
import { KeystoneError } from '../common/errors.js';
import { baseUrlOf } from '../common/http/base_url.js';
import { hasBody } from '../common/http/body.js';
import { renderError } from '../common/http/render.js';
import { ACCESS_LOGGER, getLogger, runBriefly, runInRequest } from '../common/log/index.js';
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
  const app = new Koa({ env: 'production' });
  app.silent = true;
  app.on('error', tellOfLostAnswer);

  const next = (): Promise<void> => Promise.resolve();
  const guarded = async (ctx: Context): Promise<void> => {
    try {
      await pipeline(ctx, next);
      if (ctx.status === 404 && ctx.body === undefined && ctx.respond !== false && !ctx.headerSent) {
        answer(ctx, 404, 'The resource could not be found.');
      }
    } catch (error) {
      const status = error instanceof KeystoneError ? null : httpStatusOf(error);
      if (status === null) renderError(ctx, error, rendering);
      else answer(ctx, status, (error as Error).message);
    }
  };

  const handle = async (ctx: Context): Promise<void> => {
    const began = performance.now();
    const context = requestContext(ctx);
    const { method, path } = ctx;
    const end = options.active?.begin(ctx);
    try {
      // What reads a body or writes waits anyway; whatever else does enters the request where it begins to.
      const waits = (method !== 'GET' && method !== 'HEAD') || hasBody(ctx.req);
      if (waits) await runInRequest(context, () => guarded(ctx));
      else await runBriefly(context, () => guarded(ctx));
    } finally {
      end?.();
    }
    if (options.silent === true) return;
    // The query may hold anything: filters and their values are the client's own business.
    const line = `${method} ${path} ${ctx.status} ${(performance.now() - began).toFixed(1)} ms`;
    runBriefly(context, () => accessLog.info(line));
  };
  app.use(handle);
  return app.callback();
}

function tellOfLostAnswer(error: unknown): void {
  // A client that went away while the answer was being sent.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'EPIPE') log.debug(text);
  else log.error(`The answer could not be sent: ${text}`);
}
