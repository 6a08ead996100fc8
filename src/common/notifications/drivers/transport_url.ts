/**
 * Message bus URLs as oslo.messaging writes them: `rabbit://USER:PASSWORD@HOST:PORT,USER:PASSWORD@HOST:PORT/VHOST`.
 * Messages of errors never hold the URL, which may hold passwords.
 */

export interface BusHost {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Transport {
  /** In the order in which they are tried. */
  readonly hosts: readonly BusHost[];
  /** Null: not given. */
  readonly virtualHost: string | null;
}

const PORT = 5672;
const ACCOUNT = { user: 'guest', password: 'guest' };
/** `kombu` and `amqp` are other names of the same driver; `+` names a Python module. */
const RABBIT = /^(?:rabbit|kombu)(?:\+\w+)?$/;

/** @throws Error that says what is wrong, without the URL */
export function parseTransportUrl(url: string): Transport {
  const match = /^([\w+]+):\/\/([^/?]*)(?:\/([^?]*))?(?:\?.*)?$/s.exec(url);
  if (match === null)
    throw new Error('transport_url is no URL of the form rabbit://USER:PASSWORD@HOST:PORT/VHOST');
  const [, scheme = '', places = '', path] = match;
  if (!RABBIT.test(scheme)) throw new Error(`transport_url: only rabbit:// is supported, not ${scheme}://`);
  let account = { ...ACCOUNT };
  const hosts = places
    .split(',')
    .filter((place) => place !== '')
    .map((place) => {
      const at = place.lastIndexOf('@');
      // An account holds for the hosts behind it that name none.
      if (at >= 0) account = accountOf(place.slice(0, at));
      return { ...account, ...hostAndPort(place.slice(at + 1)) };
    });
  if (hosts.length === 0) hosts.push({ host: 'localhost', port: PORT, ...account });
  return { hosts, virtualHost: path === undefined ? null : decode(path) };
}

/** `HOST`, `HOST:PORT` or `[IPV6]:PORT`. @throws Error */
export function hostAndPort(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? PORT : Number(match[3]);
  if (host === undefined || port > 65_535)
    throw new Error('transport_url: a host is written HOST or HOST:PORT');
  return { host, port };
}

function accountOf(text: string): { user: string; password: string } {
  const colon = text.indexOf(':');
  return colon < 0
    ? { user: decode(text), password: '' }
    : { user: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('transport_url: "%" begins a percent-encoded character; "%25" is a percent sign');
  }
}
