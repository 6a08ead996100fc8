/** Making a server listen, with errors that say what to do. */
import { chmod, stat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { describeAddress, type ListenAddress } from './address.js';

function placeOf(address: ListenAddress): string {
  if (address.kind === 'tcp') return `port ${address.port} of ${address.host}`;
  return address.kind === 'unix' ? `socket ${address.path}` : `inherited socket ${address.fd}`;
}

/** A listener that cannot be had; the message names the address. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** The web server in front connects as another user of the same group. */
const SOCKET_MODE = 0o660;

function explain(address: ListenAddress, error: NodeJS.ErrnoException): string {
  const place = describeAddress(address);
  const where = placeOf(address);
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is already in use by another process: stop that process or serve at another address`;
    case 'EACCES':
    case 'EPERM':
      return address.kind === 'tcp'
        ? `this user may not listen on ${where}: ports below 1024 need root or CAP_NET_BIND_SERVICE`
        : `this user may not create the ${where}`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address.kind === 'tcp' ? address.host : place}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name of ${place} cannot be resolved`;
    case 'ENOENT':
      return `the folder of the ${where} does not exist`;
    case 'EBADF':
    case 'EINVAL':
    case 'ENOTSOCK':
      return `there is no ${where}: it is for a process that systemd starts with its socket (fd:3)`;
    default:
      return `cannot listen on ${place}: ${error.message}`;
  }
}

/** Whether somebody accepts connections on a UNIX socket. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

/** Remove a socket that a killed process left behind. Anything else at that path stays, and is in the way. */
async function removeStaleSocket(path: string): Promise<void> {
  const status = await stat(path).catch(() => null);
  if (status?.isSocket() === true && !(await isAlive(path))) await unlink(path);
}

function start(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = (): void => {
      server.off('error', reject);
      resolve();
    };
    if (address.kind === 'tcp') server.listen({ host: address.host, port: address.port }, done);
    else if (address.kind === 'unix') server.listen({ path: address.path }, done);
    else server.listen({ fd: address.fd }, done);
  });
}

/**
 * Listen.
 *
 * @returns the address, with the port that the system chose for port 0
 * @throws ListenError
 */
export async function listen(server: Server, address: ListenAddress): Promise<ListenAddress> {
  try {
    if (address.kind === 'unix') await removeStaleSocket(address.path);
    await start(server, address);
    if (address.kind === 'unix') await chmod(address.path, SOCKET_MODE);
  } catch (error) {
    throw new ListenError(explain(address, error as NodeJS.ErrnoException), { cause: error });
  }
  const bound = server.address();
  if (address.kind === 'unix') return address;
  if (bound === null || typeof bound === 'string') {
    server.close();
    throw new ListenError(
      `${placeOf(address)} is no TCP socket: name a UNIX socket by its path (unix:/path)`,
    );
  }
  return { kind: 'tcp', host: address.kind === 'tcp' ? address.host : bound.address, port: bound.port };
}
