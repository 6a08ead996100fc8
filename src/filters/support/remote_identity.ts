/**
 * REMOTE_USER and its kin, as a front web server hands them on in headers: `[keystone_koa] remote_user_header`
 * (X-Remote-User), X-Remote-Domain and X-Auth-Type. They count only from `trusted_proxies`; from anybody else they are
 * removed, so that nothing further in can take them for true.
 */
import type { IncomingMessage } from 'node:http';
import type { RemoteIdentity } from '../../common/context.js';
import type { TrustedProxies } from '../../common/http/trusted_proxies.js';
import type { Conf } from '../../conf/index.js';
import { textHeader } from './headers.js';

const DOMAIN_HEADER = 'x-remote-domain';
const AUTH_TYPE_HEADER = 'x-auth-type';

export function remoteIdentityReader(
  conf: Conf,
  proxies: TrustedProxies,
): (request: IncomingMessage) => RemoteIdentity | null {
  const userHeader = conf.keystone_koa.remote_user_header.toLowerCase();
  const names = [userHeader, DOMAIN_HEADER, AUTH_TYPE_HEADER];
  return (request) => {
    const { headers } = request;
    if (names.every((name) => headers[name] === undefined)) return null;
    if (!proxies.trusts(request)) {
      for (const name of names) delete headers[name];
      return null;
    }
    const user = textHeader(headers, userHeader);
    if (user === null || user === '(null)') return null;
    return {
      user: decodeUtf8(user),
      domain: decoded(textHeader(headers, DOMAIN_HEADER)),
      authType: textHeader(headers, AUTH_TYPE_HEADER),
    };
  };
}

function decoded(value: string | null): string | null {
  return value === null || value === '(null)' ? null : decodeUtf8(value);
}

/** Node reads header bytes as Latin-1; web servers write user names in UTF-8. */
function decodeUtf8(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}
