/**
 * Following referrals to other servers (`chase_referrals`). As OpenLDAP's library does it: anonymously, because whoever
 * can write a referral into the directory must not be sent the password of the service. Source: RFC 4511, section
 * 4.5.3; RFC 4516.
 */
import { getLogger } from '../log/index.js';
import { type ConnectionOptions, LdapConnection } from './connection.js';
import { RESULT } from './errors.js';
import { Entry, type Search, searchRequest } from './messages.js';
import { type LdapServer, ldapServers } from './options.js';

const log = getLogger('keystone.common.ldap');

/** Referrals that lead to referrals: more are a circle. */
const MOST_HOPS = 5;

/** Entries from the first of the servers that answers; a referral that leads nowhere is logged and passed over. */
export async function* chase(
  urls: readonly string[],
  search: Search,
  options: ConnectionOptions,
  hops = 1,
): AsyncGenerator<Entry, void, undefined> {
  if (hops > MOST_HOPS) {
    log.warn(`A referral was not followed: more than ${MOST_HOPS} lead to one another`);
    return;
  }
  for (const url of urls) {
    let connection: LdapConnection;
    let target: Search;
    try {
      const { server, base, scope } = parseReferral(url);
      target = { ...search, base: base ?? search.base, scope: scope ?? search.scope };
      connection = await LdapConnection.open(server, options);
    } catch (error) {
      log.warn(`Referral ${url} leads nowhere: ${(error as Error).message}`);
      continue;
    }
    try {
      const results = connection.search(searchRequest(target, null));
      for (;;) {
        const next = await results.next();
        if (next.done === true) {
          const { code, referrals } = next.value;
          if (code === RESULT.referral) yield* chase(referrals, target, options, hops + 1);
          else if (code !== RESULT.success) log.warn(`Referral ${url}: the server answered ${code}`);
          return;
        }
        if (next.value instanceof Entry) yield next.value;
        else yield* chase(next.value.urls, target, options, hops + 1);
      }
    } finally {
      connection.close();
    }
  }
}

const SCOPES = new Map<string, Search['scope']>([
  ['base', 'base'],
  ['one', 'one'],
  ['sub', 'sub'],
]);

/** `ldap://host:port/BASE?attributes?SCOPE?filter`: what is not given stays as it was. */
function parseReferral(url: string): {
  server: LdapServer;
  base: string | null;
  scope: Search['scope'] | null;
} {
  const [server] = ldapServers(url.trim().replaceAll(' ', '%20'));
  if (server === undefined) throw new Error('it has no server');
  const [, base = '', scope = ''] = /^ldap[si]?:\/\/[^/?]*\/?([^?]*)(?:\?[^?]*\?([^?]*))?/i.exec(url) ?? [];
  const decoded = decodeURIComponent(base);
  return {
    server,
    base: decoded === '' ? null : decoded,
    scope: SCOPES.get(scope.toLowerCase()) ?? null,
  };
}
