/**
 * The public base URL of the service, for links and `WWW-Authenticate`. Source: `[DEFAULT] public_endpoint` and
 * `admin_endpoint`, else the request itself (scheme, host and mount prefix without the version).
 */
import type { ParameterizedContext } from 'koa';
import { requestContext, scriptName } from '../context.js';

const SAFE_HOST = /^[\w.\-:[\]]+$/;
const VERSION_SUFFIX = /\/v(?:3|2\.0)\/*$/;

export type BaseUrl = (ctx: ParameterizedContext) => string;

/**
 * @param configured `public_endpoint` or `admin_endpoint` with its substitutions done; null to follow the request
 */
export function baseUrlOf(configured: string | null): BaseUrl {
  if (configured !== null && configured !== '') {
    const fixed = configured.replace(/\/+$/, '');
    return () => fixed;
  }
  return requestBaseUrl;
}

function requestBaseUrl(ctx: ParameterizedContext): string {
  const context = requestContext(ctx);
  const scheme = context.forwardedScheme ?? ctx.protocol;
  return `${scheme}://${host(ctx, context.forwardedHost, scheme)}${prefix(scriptName(ctx))}`;
}

function prefix(script: string): string {
  return script === '' ? '' : script.replace(VERSION_SUFFIX, '').replace(/\/+$/, '');
}

/** Host with the scheme's standard port removed; a host that could break out of a header or URL is not echoed. */
function host(ctx: ParameterizedContext, forwarded: string | null, scheme: string): string {
  let value = forwarded ?? ctx.req.headers.host ?? '';
  if (!SAFE_HOST.test(value)) value = `localhost:${ctx.req.socket.localPort ?? 5000}`;
  const standard = scheme === 'https' ? ':443' : ':80';
  return value.endsWith(standard) ? value.slice(0, -standard.length) : value;
}

/**
 * Fill `%(option)s` references of an endpoint option from `[DEFAULT]` and `[eventlet_server]`.
 * @throws Error naming the reference that no option answers
 */
export function substituteEndpoint(
  option: string,
  template: string | null,
  options: Readonly<Record<string, unknown>>,
): string | null {
  if (template === null) return null;
  return template.replace(/%\((\w+)\)[sd]/g, (_whole, name: string) => {
    const value = options[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new Error(`[DEFAULT] ${option} = ${template}: there is no option ${name} to substitute`);
    }
    return String(value);
  });
}
