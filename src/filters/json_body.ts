/**
 * The JSON body of a request, read and checked: always an object in the request's context, or null without a body.
 * Source: Keystone's JsonBodyMiddleware.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ParameterizedContext } from 'koa';
import { requestContext } from '../common/context.js';
import { ValidationError } from '../common/errors.js';
import { hasBody, readBody } from '../common/http/body.js';
import { renderError } from '../common/http/render.js';
import { defineFilter, type FilterFactory, type PipelineMiddleware } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { parseJsonBody } from './support/json_text.js';

export function createFilter({ conf, rendering }: Pick<FilterServices, 'conf' | 'rendering'>): FilterFactory {
  const max = conf.oslo_middleware.max_request_body_size;

  async function read(ctx: ParameterizedContext): Promise<boolean> {
    try {
      const bytes = await readBody(ctx, max);
      if (bytes.length === 0) return true;
      requireJson(ctx.req.headers);
      requestContext(ctx).body = parseJsonBody(bytes);
      return true;
    } catch (error) {
      renderError(ctx, error, rendering);
      return false;
    }
  }

  const readThenGoOn: PipelineMiddleware = async (ctx, next) => {
    if (await read(ctx)) await next();
  };

  return defineFilter({ options: {}, provides: ['body'] }, () => (ctx, next) => {
    if (!hasBody(ctx.req)) return next();
    return readThenGoOn(ctx, next);
  });
}

/** @throws ValidationError for any type but JSON; parameters do not count, and neither does a missing header */
function requireJson(headers: IncomingHttpHeaders): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const media = type.trim().toLowerCase();
  if (media !== '' && media !== 'application/json') {
    throw new ValidationError({ attribute: 'application/json', target: 'Content-Type header' });
  }
}
