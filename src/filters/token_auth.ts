/** Takes the token ids of the request into its context. Never rejects. Source: Keystone's TokenAuthMiddleware. */
import { requestContext } from '../common/context.js';
import { defineFilter, type FilterFactory } from '../pipeline/index.js';
import { textHeader } from './support/headers.js';

export function createFilter(): FilterFactory {
  return defineFilter({ options: {}, provides: ['token_ids'] }, () => (ctx, next) => {
    const context = requestContext(ctx);
    const { headers } = ctx.req;
    context.tokenId = textHeader(headers, 'x-auth-token');
    context.subjectTokenId = textHeader(headers, 'x-subject-token');
    return next();
  });
}
