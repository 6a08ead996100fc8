/** The Koa application around a pipeline: the request's log context, its access line, and the last net for errors. */
import Koa, { type Context, type Middleware } from 'koa';
import { requestContext } from '../common/context.js';
import { KeystoneError } from '../common/errors.js';
import { baseUrlOf } from '../common/http/base_url.js';
import { renderError } from '../common/http/render.js';
import { getLogger, runInRequest } from '../common/log/index.js';
import type { ActiveRequests } from './active_requests.js';
import { errorBody } from './client_errors.js';

const accessLog = getLogger('keystone.server.access');
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

/** Serve a pipeline. Errors that nobody below has answered become the API's. */
export function createKoaApp(pipeline: Middleware, options: KoaAppOptions): Koa {
  const rendering = {
    insecureDebug: options.insecureDebug,
    baseUrl: baseUrlOf(options.publicEndpoint),
    log,
  };

  const guarded = async (ctx: Context): Promise<void> => {
    const next = (): Promise<void> => Promise.resolve();
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

  const app = new Koa({ env: 'production' });
  app.silent = true;
  app.use(async (ctx) => {
    const began = performance.now();
    await runInRequest(requestContext(ctx), async () => {
      const end = options.active?.begin(ctx);
      try {
        await guarded(ctx);
      } finally {
        end?.();
      }
      if (options.silent !== true) {
        // The query may hold anything: filters and their values are the client's own business.
        accessLog.info(
          `${ctx.method} ${ctx.path} ${ctx.status} ${(performance.now() - began).toFixed(1)} ms`,
        );
      }
    });
  });
  app.on('error', (error: unknown) => {
    // A client that went away while the answer was being sent.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    if (code === 'ECONNRESET' || code === 'EPIPE') log.debug(text);
    else log.error(`The answer could not be sent: ${text}`);
  });
  return app;
}
