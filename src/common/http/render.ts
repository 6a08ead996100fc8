/** The one place where results and errors become HTTP responses. */
import type { ParameterizedContext } from 'koa';
import { type RequestContext, requestContext } from '../context.js';
import {
  AuthPluginException,
  Conflict,
  INSECURE_DEBUG_AMENDMENT,
  KeystoneError,
  ServiceUnavailable,
  Unauthorized,
  UnexpectedError,
  ValidationError,
} from '../errors.js';
import { type Logger, runBriefly } from '../log/index.js';
import {
  DatabaseUnavailableError,
  DuplicateError,
  InvalidValueError,
  RetryableError,
} from '../sql/errors.js';
import type { BaseUrl } from './base_url.js';
import type { ApiResult } from './types.js';

/** Send a handler's result. JSON is sent without a charset, as Keystone does: it is UTF-8 by definition (RFC 8259). */
export function respond(ctx: ParameterizedContext, result: ApiResult): void {
  ctx.status = result.status;
  ctx.res.setHeader('Vary', 'X-Auth-Token');
  if (result.headers !== undefined) ctx.set(result.headers as Record<string, string>);
  const { body } = result;
  if (body === undefined) {
    ctx.body = null;
    ctx.status = result.status;
    return;
  }
  ctx.res.setHeader('Content-Type', result.contentType ?? 'application/json');
  ctx.body = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

export interface ErrorRendering {
  readonly insecureDebug: boolean;
  readonly baseUrl: BaseUrl;
  readonly log: Logger;
}

/** What errors of other layers mean to a client; all that is not known is unexpected. */
function asKeystoneError(error: unknown): KeystoneError {
  if (error instanceof KeystoneError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (error instanceof DatabaseUnavailableError || error instanceof RetryableError) {
    return new ServiceUnavailable(text, options);
  }
  if (error instanceof InvalidValueError) return new ValidationError(text, options);
  if (error instanceof DuplicateError) {
    return new Conflict({ type: error.table ?? 'entity', details: 'Duplicate entry' }, options);
  }
  return new UnexpectedError(text, options);
}

/** Answer an error in the API's shape; log what the client does not get to see. */
export function renderError(ctx: ParameterizedContext, thrown: unknown, rendering: ErrorRendering): void {
  const error = asKeystoneError(thrown);
  const context = requestContext(ctx);
  runBriefly(context, () => logError(context, error, rendering.log));
  const shown =
    rendering.insecureDebug && error.detail !== null
      ? `${error.detail} ${INSECURE_DEBUG_AMENDMENT}`
      : error.message;
  const body: Record<string, unknown> = { message: shown, code: error.status, title: error.title };
  for (const name of Object.keys(ctx.res.getHeaders())) {
    if (name === 'x-subject-token' || name === 'content-length' || name === 'content-encoding')
      ctx.remove(name);
  }
  if (error instanceof AuthPluginException) {
    body['identity'] = error.authentication ?? {};
  } else if (error instanceof Unauthorized) {
    ctx.set('WWW-Authenticate', `Keystone uri="${rendering.baseUrl(ctx)}"`);
  }
  respond(ctx, { status: error.status, body: { error: body } });
}

function logError(context: RequestContext, error: KeystoneError, log: Logger): void {
  const text = error.detail === null ? error.message : `${error.message} (${error.detail})`;
  if (error.status >= 500) {
    const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : '';
    log.error(`${context.route ?? 'unrouted'}: ${text}${cause === '' ? '' : `\n${cause}`}`);
  } else if (error.status === 401 || error.status === 403) {
    log.warn(text);
  } else {
    log.info(text);
  }
}
