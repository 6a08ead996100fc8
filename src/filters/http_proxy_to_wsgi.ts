/**
 * Scheme, host and prefix as the client used them, from the headers of a proxy: `Forwarded` (RFC 7239, first element)
 * or else X-Forwarded-Proto and X-Forwarded-Host; X-Forwarded-Prefix in both cases. Does nothing unless
 * `[oslo_middleware] enable_proxy_headers_parsing` is on, and believes only `[keystone_koa] trusted_proxies`.
 * Source: oslo.middleware's HTTPProxyToWSGI (Newton: the client's address is not touched).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { requestContext, scriptName } from '../common/context.js';
import { forwardedScheme } from '../common/http/proxy_scheme.js';
import { trustedProxies } from '../common/http/trusted_proxies.js';
import { defineFilter, type FilterFactory, type OptionValues, passOn } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { textHeader } from './support/headers.js';
import { OSLO_OPTIONS } from './support/oslo_options.js';

const OPTIONS = {
  ...OSLO_OPTIONS,
  enable_proxy_headers_parsing: {
    type: 'bool',
    help: 'Whether to read the headers; by default [oslo_middleware] enable_proxy_headers_parsing.',
  },
} as const;

const HOST = /^[\w.\-:[\]]+$/;
/** Path segments as they stand in URLs; nothing that could end the URL or the header that it is put into. */
const PREFIX = /^(?:\/[\w.~!$&'()*+,;=:@%-]+)+$/;

export function createFilter({
  conf,
}: Pick<FilterServices, 'conf'>): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter({ options: OPTIONS }, (_globalConf, options) => {
    if (!(options.enable_proxy_headers_parsing ?? conf.oslo_middleware.enable_proxy_headers_parsing))
      return passOn;
    const proxies = trustedProxies(conf.keystone_koa.trusted_proxies);
    return (ctx, next) => {
      const { headers } = ctx.req;
      const forwarded = forwardedBy(headers);
      const prefix = textHeader(headers, 'x-forwarded-prefix')?.replace(/\/+$/, '') ?? null;
      if ((forwarded === null && prefix === null) || !proxies.trusts(ctx.req)) return next();
      if (forwarded !== null) {
        const context = requestContext(ctx);
        context.forwardedScheme = forwarded.scheme;
        context.forwardedHost = forwarded.host;
      }
      if (prefix !== null && PREFIX.test(prefix)) {
        (ctx.state as { scriptName?: string }).scriptName = prefix + scriptName(ctx);
      }
      return next();
    };
  });
}

interface Forwarded {
  readonly scheme: string | null;
  readonly host: string | null;
}

function forwardedBy(headers: IncomingHttpHeaders): Forwarded | null {
  const standard = textHeader(headers, 'forwarded');
  const { proto, host } =
    standard === null
      ? { proto: textHeader(headers, 'x-forwarded-proto'), host: textHeader(headers, 'x-forwarded-host') }
      : parseForwarded(standard);
  if (proto === null && host === null) return null;
  return {
    scheme: forwardedScheme(proto ?? undefined),
    host: host !== null && HOST.test(host) ? host : null,
  };
}

/** `for=192.0.2.1;proto=https;host="cloud.example", for=…`: what the first proxy says of the client. */
function parseForwarded(header: string): { proto: string | null; host: string | null } {
  const [first = ''] = header.split(',');
  const found: { proto: string | null; host: string | null } = { proto: null, host: null };
  for (const pair of first.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim().toLowerCase();
    const value = pair
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if ((name === 'proto' || name === 'host') && value !== '') found[name] = value;
  }
  return found;
}
