/**
 * The scheme that a client used, as told by the proxy that ended its TLS. Source: `[DEFAULT] secure_proxy_ssl_header`,
 * which names a WSGI environment key (`HTTP_X_FORWARDED_PROTO`, the header X-Forwarded-Proto).
 */
import type { ParameterizedContext } from 'koa';
import { requestContext } from '../context.js';
import type { TrustedProxies } from './trusted_proxies.js';

export type ApplyScheme = (ctx: ParameterizedContext) => void;

/**
 * @param key environment key of the header; anything that is not of the form `HTTP_…` names no header and is never set
 */
export function proxyScheme(key: string, proxies: TrustedProxies): ApplyScheme {
  if (!/^HTTP_[A-Z0-9_]+$/.test(key)) return () => undefined;
  const header = key.slice('HTTP_'.length).toLowerCase().replaceAll('_', '-');
  return (ctx) => {
    const scheme = forwardedScheme(ctx.req.headers[header]);
    if (scheme !== null && proxies.trusts(ctx.req)) requestContext(ctx).forwardedScheme = scheme;
  };
}

/** `http` or `https`; null for anything else. */
export function forwardedScheme(value: string | readonly string[] | undefined): 'http' | 'https' | null {
  if (typeof value !== 'string') return null;
  const scheme = value.trim().toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : null;
}
