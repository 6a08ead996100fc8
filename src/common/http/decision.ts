/** The rule that no route answers without a policy decision. A breach is a programming error, not an answer. */
import type { ParameterizedContext } from 'koa';
import { requestContext } from '../context.js';
import { UnexpectedError } from '../errors.js';
import { type ErrorRendering, renderError } from './render.js';

/**
 * Replace the answer of a route that was given without a policy decision by a 500, and log it. Errors pass: they give
 * nothing away, and some (a query that is not UTF-8) come before the decision.
 */
export function requireDecision(ctx: ParameterizedContext, rendering: ErrorRendering): void {
  const { route, decision } = requestContext(ctx);
  if (decision !== null || route === null || ctx.status >= 400) return;
  for (const name of ctx.res.getHeaderNames()) {
    if (name !== 'x-openstack-request-id') ctx.res.removeHeader(name);
  }
  renderError(
    ctx,
    new UnexpectedError(`${ctx.method} ${route} answered without a policy decision`),
    rendering,
  );
}
