/** Where a listener listens: `HOST:PORT`, a UNIX socket, or a socket that whoever started this process has opened. */

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'fd'; readonly fd: number };

/** What is served where, as one argument of `keystone-serve` says it. */
export interface ServeTarget {
  /** Name of a composite, pipeline or app of the paste file. */
  readonly name: string;
  /** Null: the address that the configuration gives to this name. */
  readonly address: ListenAddress | null;
}

/** An argument that cannot be understood; the message repeats it and says what is valid. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

const SHAPE = 'NAME, NAME@PORT, NAME@HOST:PORT, NAME@[IPV6]:PORT, NAME@unix:/path or NAME@fd:3';

function readPort(text: string, argument: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) throw new AddressError(`"${argument}": "${text}" is no port (0 to 65535)`);
  return port;
}

/**
 * Read one argument of the command line.
 *
 * @param defaultHost where the argument names only a port
 * @throws AddressError
 */
export function parseTarget(argument: string, defaultHost: string): ServeTarget {
  const at = argument.indexOf('@');
  const name = at < 0 ? argument : argument.slice(0, at);
  if (name === '') throw new AddressError(`"${argument}" names nothing to serve; write ${SHAPE}`);
  if (at < 0) return { name, address: null };
  const where = argument.slice(at + 1);
  if (where.startsWith('unix:')) {
    const path = where.slice('unix:'.length);
    if (!path.startsWith('/')) throw new AddressError(`"${argument}": the path of a socket begins with "/"`);
    return { name, address: { kind: 'unix', path } };
  }
  if (where.startsWith('fd:')) {
    const fd = where.slice('fd:'.length);
    if (!/^\d{1,4}$/.test(fd))
      throw new AddressError(`"${argument}": "${fd}" is no number of an open socket`);
    return { name, address: { kind: 'fd', fd: Number(fd) } };
  }
  const parts = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?([^:[\]]+)$/.exec(where);
  if (parts === null) throw new AddressError(`"${argument}" has no valid address; write ${SHAPE}`);
  const [, ipv6, host, port = ''] = parts;
  const named = ipv6 ?? host ?? '';
  return {
    name,
    address: { kind: 'tcp', host: named === '' ? defaultHost : named, port: readPort(port, argument) },
  };
}

/** The address as a person reads it; for TCP it is a URL. */
export function describeAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  if (address.kind === 'fd') return `fd:${address.fd}`;
  return `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
