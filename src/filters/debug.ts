/**
 * Writes what comes in and what goes out to the log, at level debug: the request line, all headers, and of the answer
 * its status and size. Bodies are not written, and of headers that carry secrets only that they are there.
 * Source: oslo.middleware's Debug.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { requestContext, scriptName } from '../common/context.js';
import { getLogger, runBriefly } from '../common/log/index.js';
import { defineFilter, type FilterFactory, type OptionValues } from '../pipeline/index.js';
import { OSLO_OPTIONS } from './support/oslo_options.js';

const log = getLogger('keystone.middleware.debug');
const SECRET = /token|authorization|cookie|password|secret|signature/i;

export function createFilter(): FilterFactory<OptionValues<typeof OSLO_OPTIONS>> {
  return defineFilter({ options: OSLO_OPTIONS }, () => (ctx, next) => {
    if (!log.isDebugEnabled()) return next();
    log.debug(`REQUEST ${ctx.method} ${scriptName(ctx)}${ctx.path}`);
    logHeaders(ctx.req.headers);
    return next().then(() =>
      runBriefly(requestContext(ctx), () => {
        log.debug(`RESPONSE ${ctx.status}, ${ctx.response.length ?? 'an unknown number of'} bytes`);
        logHeaders(ctx.res.getHeaders());
      }),
    );
  });
}

function logHeaders(headers: IncomingHttpHeaders | OutgoingHttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    log.debug(`${name}: ${SECRET.test(name) ? '***' : String(value)}`);
  }
}
