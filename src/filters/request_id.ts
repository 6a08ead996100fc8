/**
 * Every request gets an id of its own, `req-<uuid4>`, answered as `x-openstack-request-id` and written with every line
 * that the request logs. An id that the client sends is not taken over. Source: oslo.middleware's RequestId (Newton).
 */
import { randomUUID } from 'node:crypto';
import { requestContext } from '../common/context.js';
import { defineFilter, type FilterFactory, type OptionValues } from '../pipeline/index.js';
import { OSLO_OPTIONS } from './support/oslo_options.js';

export const REQUEST_ID_HEADER = 'x-openstack-request-id';

export function createFilter(): FilterFactory<OptionValues<typeof OSLO_OPTIONS>> {
  return defineFilter({ options: OSLO_OPTIONS, provides: ['request_id'] }, () => (ctx, next) => {
    const context = requestContext(ctx);
    const id = `req-${randomUUID()}`;
    context.requestId = id;
    // Set before, so that it is there whatever happens further in; whoever sets another one there has the last word.
    if (!ctx.res.hasHeader(REQUEST_ID_HEADER)) ctx.res.setHeader(REQUEST_ID_HEADER, id);
    return next();
  });
}
