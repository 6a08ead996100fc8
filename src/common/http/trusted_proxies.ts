/**
 * Which peers may speak for a client: `[keystone_koa] trusted_proxies`. Headers that tell who the client is, or how it
 * reached the service, count only on connections from there.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Server, type Socket } from 'node:net';

export interface TrustedProxies {
  /** Whether the request came over a connection from a trusted peer. Answered once per connection. */
  trusts(request: IncomingMessage): boolean;
}

/** The word for peers that come over a UNIX socket, whose permissions say who may. */
const UNIX = 'unix';

/**
 * @param addresses IP addresses (`127.0.0.1`, `::1`), networks (`10.0.0.0/8`), and `unix`
 * @throws Error naming the entry that is neither
 */
export function trustedProxies(addresses: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const address of addresses) if (address !== UNIX) add(list, address);
  const unix = addresses.includes(UNIX);
  const known = new WeakMap<Socket, boolean>();
  return {
    trusts({ socket }) {
      let trusted = known.get(socket);
      if (trusted === undefined) {
        trusted = isUnix(socket) ? unix : contains(list, socket.remoteAddress);
        known.set(socket, trusted);
      }
      return trusted;
    },
  };
}

/** Told by the listener: a connection that is gone has no address either, whatever it was. */
function isUnix(socket: Socket): boolean {
  return typeof (socket as Socket & { server?: Server }).server?.address() === 'string';
}

function add(list: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = isIP(address);
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const bits = prefix === undefined ? null : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  const valid = version !== 0 && rest.length === 0 && (bits === null || bits <= (version === 6 ? 128 : 32));
  if (!valid) {
    throw new Error(
      `[keystone_koa] trusted_proxies: '${entry}' is no IP address, no network such as 10.0.0.0/8, and not '${UNIX}'`,
    );
  }
  if (bits === null) list.addAddress(address, family);
  else list.addSubnet(address, bits, family);
}

/** An IPv4 peer of a dual-stack listener shows as `::ffff:192.0.2.1`. */
function contains(list: BlockList, peer: string | undefined): boolean {
  if (peer === undefined) return false;
  const address = peer.startsWith('::ffff:') && isIP(peer.slice(7)) === 4 ? peer.slice(7) : peer;
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
