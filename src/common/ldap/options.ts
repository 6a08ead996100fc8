/** The options of `[ldap]` on how to reach a directory, checked. */
import type { Conf } from '../../conf/index.js';
import { LdapOptionError } from './errors.js';
import type { TlsOptions } from './tls.js';

/** The options that this room looks at: any object with them will do, such as the section of a domain. */
export type LdapOptions = Pick<
  Conf['ldap'],
  | 'url'
  | 'user'
  | 'password'
  | 'use_tls'
  | 'tls_cacertfile'
  | 'tls_cacertdir'
  | 'tls_req_cert'
  | 'page_size'
  | 'alias_dereferencing'
  | 'chase_referrals'
  | 'debug_level'
  | 'connection_timeout'
  | 'randomize_urls'
  | 'use_pool'
  | 'pool_size'
  | 'pool_retry_max'
  | 'pool_retry_delay'
  | 'pool_connection_timeout'
  | 'pool_connection_lifetime'
  | 'use_auth_pool'
  | 'auth_pool_size'
  | 'auth_pool_connection_lifetime'
>;

/** One directory server. */
export interface LdapServer {
  /** As in the configuration, for messages. */
  readonly url: string;
  /** A socket in the file system instead of host and port: `ldapi://`. */
  readonly path: string | null;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly isSecure: boolean;
}

/** Times in milliseconds. */
export interface LdapSettings {
  readonly servers: readonly LdapServer[];
  readonly startTls: boolean;
  readonly tls: TlsOptions;
  /** Null: searches are anonymous. */
  readonly account: { readonly dn: string; readonly password: string } | null;
  readonly pageSize: number;
  readonly dereferencing: number;
  readonly chaseReferrals: boolean;
  readonly logOperations: boolean;
  readonly connectTimeout: number;
  readonly answerTimeout: number;
  readonly attempts: number;
  readonly attemptDelay: number;
  readonly pool: { readonly size: number; readonly lifetime: number } | null;
  readonly authPool: { readonly size: number; readonly lifetime: number } | null;
}

/** Where the options say that there is no end to waiting, an API request still needs one. */
const DEFAULT_CONNECT_TIMEOUT = 10_000;
const DEFAULT_ANSWER_TIMEOUT = 30_000;

const DEREFERENCING = { never: 0, default: 0, searching: 1, finding: 2, always: 3 } as const;

/** @throws LdapOptionError naming the option */
export function ldapSettings(options: LdapOptions): LdapSettings {
  const servers = ldapServers(options.url);
  if (options.use_tls && servers.some(({ isSecure }) => isSecure)) {
    throw new LdapOptionError('[ldap] use_tls: StartTLS is not possible within ldaps://; use one of the two');
  }
  if (options.randomize_urls) shuffle(servers);
  const { user, password } = options;
  const answer = seconds(options.pool_connection_timeout);
  return {
    servers,
    startTls: options.use_tls,
    tls: {
      caFile: emptyToNull(options.tls_cacertfile),
      caFolder: emptyToNull(options.tls_cacertdir),
      verify: options.tls_req_cert === 'demand',
      isUsed: options.use_tls || servers.some(({ isSecure }) => isSecure),
    },
    // As in Keystone: half of the two is none, because many servers take a name without password for nobody.
    account:
      user === null || user === '' || password === null || password === '' ? null : { dn: user, password },
    pageSize: options.page_size,
    dereferencing: DEREFERENCING[options.alias_dereferencing],
    chaseReferrals: options.chase_referrals ?? false,
    logOperations: options.debug_level !== null && options.debug_level !== 0,
    connectTimeout: seconds(options.connection_timeout) ?? answer ?? DEFAULT_CONNECT_TIMEOUT,
    answerTimeout: answer ?? DEFAULT_ANSWER_TIMEOUT,
    attempts: Math.max(1, options.pool_retry_max),
    attemptDelay: Math.max(0, options.pool_retry_delay * 1000),
    pool: options.use_pool
      ? { size: options.pool_size, lifetime: options.pool_connection_lifetime * 1000 }
      : null,
    authPool:
      options.use_pool && options.use_auth_pool
        ? { size: options.auth_pool_size, lifetime: options.auth_pool_connection_lifetime * 1000 }
        : null,
  };
}

/** Servers of a list of URLs, with commas or blanks between them. @throws LdapOptionError */
export function ldapServers(urls: string): LdapServer[] {
  const servers = urls
    .split(/[\s,]+(?=ldap[si]?:\/\/)|[\s,]+$/i)
    .map((url) => url.trim())
    .filter((url) => url !== '')
    .map(ldapServer);
  if (servers.length === 0) throw new LdapOptionError('[ldap] url is empty');
  return servers;
}

/** The name of a search base, which may follow the host, is not looked at: the options say where to search. */
function ldapServer(url: string): LdapServer {
  const [, scheme = '', authority = ''] = /^(ldap|ldaps|ldapi):\/\/([^/?]*)/i.exec(url) ?? [];
  const problem = (what: string): LdapOptionError => new LdapOptionError(`[ldap] url = ${url}: ${what}`);
  if (scheme === '') throw problem('expected ldap://HOST, ldaps://HOST or ldapi://SOCKET');
  if (scheme.toLowerCase() === 'ldapi') {
    const path = decode(authority) ?? '';
    if (!path.startsWith('/')) throw problem('expected the path of a socket with %2F for "/"');
    return { url, path, host: 'localhost', port: 0, isSecure: false };
  }
  const isSecure = scheme.toLowerCase() === 'ldaps';
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]@\s]*))(?::(\d+))?$/i.exec(authority);
  if (match === null) throw problem('expected HOST or HOST:PORT');
  const port = match[3] === undefined ? (isSecure ? 636 : 389) : Number(match[3]);
  if (port < 1 || port > 65535) throw problem('the port must be between 1 and 65535');
  const host = match[1] ?? match[2] ?? '';
  return { url, path: null, host: host === '' ? 'localhost' : host, port, isSecure };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function seconds(value: number): number | null {
  return value > 0 ? value * 1000 : null;
}

function emptyToNull(text: string | null): string | null {
  return text === '' ? null : text;
}

function shuffle(list: LdapServer[]): void {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [list[last], list[other]] = [list[other] as LdapServer, list[last] as LdapServer];
  }
}
