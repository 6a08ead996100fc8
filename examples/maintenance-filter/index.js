/**
 * Two filters and an app, as a deployer would write them: plain functions, no dependency, and what they say of
 * themselves in `meta`, so that a wrong line in the ini file stops the start instead of being ignored.
 *
 * @typedef {import('koa').Middleware} Middleware
 */

/**
 * Refuse requests that change something, while `read_only` is set.
 *
 * @param {Record<string, string>} _globalConf
 * @param {{ read_only: boolean, methods: readonly string[], retry_after: number, message: string }} options
 * @returns {Middleware}
 */
export function readOnly(_globalConf, { read_only: isReadOnly, methods, retry_after: retryAfter, message }) {
  // Everything that can be decided now is decided now, not with every request.
  if (!isReadOnly) return (_ctx, next) => next();
  const refused = new Set(methods.map((method) => method.toUpperCase()));
  const body = JSON.stringify({ error: { code: 503, title: 'Service Unavailable', message } });
  return (ctx, next) => {
    if (!refused.has(ctx.method)) return next();
    ctx.status = 503;
    ctx.set('Retry-After', String(retryAfter));
    ctx.type = 'application/json';
    ctx.body = body;
    return undefined;
  };
}

readOnly.meta = {
  options: {
    read_only: { type: 'bool', default: false, help: 'Refuse requests that change something.' },
    methods: { type: 'list', default: ['POST', 'PUT', 'PATCH', 'DELETE'], help: 'What is refused.' },
    retry_after: { type: 'int', default: 300, min: 1, help: 'When clients may try again, in seconds.' },
    message: { type: 'str', default: 'The service is being maintained.', help: 'What people are told.' },
  },
};

/**
 * Name the deployment in a header of every response.
 *
 * @param {Record<string, string>} globalConf
 * @param {{ header: string, text?: string }} options
 * @returns {Promise<Middleware>} a factory may also need time
 */
export async function label(globalConf, { header, text = globalConf.region ?? 'unnamed' }) {
  return async (ctx, next) => {
    await next();
    ctx.set(header, text);
  };
}

label.meta = {
  options: {
    header: { type: 'str', default: 'X-Deployment' },
    text: { type: 'str', help: 'By default the global setting `region`.' },
  },
  provides: ['label'],
};

/**
 * An app to try filters with: it answers with what it sees of the request.
 *
 * @returns {Middleware}
 */
export function echo() {
  return (ctx) => {
    ctx.body = { method: ctx.method, path: ctx.path, mount: ctx.state.scriptName ?? '' };
  };
}
