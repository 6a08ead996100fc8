/**
 * Refuses bodies over `[oslo_middleware] max_request_body_size` bytes: at once when the length is announced, else as
 * soon as the reader of the body has passed the limit. The answer is the plain page of the web framework and not the
 * API's error, because this filter stands outside of the API. Source: oslo.middleware's RequestBodySizeLimiter.
 */
import type { ParameterizedContext } from 'koa';
import { bestMatch } from '../common/http/accept.js';
import { declaredLength, discardBody, hasBody, limitBody } from '../common/http/body.js';
import { getLogger } from '../common/log/index.js';
import { defineFilter, type FilterFactory, type OptionValues } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { OSLO_OPTIONS } from './support/oslo_options.js';

const log = getLogger('keystone.middleware.sizelimit');

const OPTIONS = {
  ...OSLO_OPTIONS,
  max_request_body_size: {
    type: 'int',
    min: 0,
    help: 'Bytes; by default [oslo_middleware] max_request_body_size.',
  },
} as const;

const TITLE = 'Request Entity Too Large';
const STATUS_LINE = `413 ${TITLE}`;

export function createFilter({
  conf,
}: Pick<FilterServices, 'conf'>): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter({ options: OPTIONS }, (_globalConf, options) => {
    const max = options.max_request_body_size ?? conf.oslo_middleware.max_request_body_size;
    return (ctx, next) => {
      const { req } = ctx;
      if (!hasBody(req)) return next();
      const declared = declaredLength(req);
      if (declared !== null && declared > max) {
        discardBody(req);
        refuse(ctx, `Request is too large. Larger than max_request_body_size (${max}).`);
        return Promise.resolve();
      }
      const limit = limitBody(ctx, max);
      if (declared !== null) return next();
      return next().then(() => {
        if (limit.exceeded) refuse(ctx, `Request is too large. Larger than ${max}.`);
      });
    };
  });
}

function refuse(ctx: ParameterizedContext, explanation: string): void {
  log.info(explanation);
  for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name);
  ctx.status = 413;
  ctx.message = TITLE;
  switch (bestMatch(ctx.req.headers.accept, ['text/html', 'application/json'])) {
    case 'text/html':
      ctx.body = htmlPage(explanation);
      ctx.res.setHeader('Content-Type', 'text/html; charset=UTF-8');
      break;
    case 'application/json':
      ctx.body = JSON.stringify({ message: explanation, code: STATUS_LINE, title: TITLE });
      ctx.res.setHeader('Content-Type', 'application/json');
      break;
    default:
      ctx.body = `${STATUS_LINE}\n\n${explanation}\n\n   `;
      ctx.res.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  }
}

function htmlPage(explanation: string): string {
  return [
    '<html>',
    ' <head>',
    `  <title>${STATUS_LINE}</title>`,
    ' </head>',
    ' <body>',
    `  <h1>${STATUS_LINE}</h1>`,
    `  ${explanation}<br /><br />`,
    ' </body>',
    '</html>',
  ].join('\n');
}
