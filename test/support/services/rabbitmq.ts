/** A private RabbitMQ broker: a node of its own name with its own epmd, open to `guest` with and without TLS. */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Account,
  findProgram,
  freePort,
  giveTo,
  removeFolder,
  runProgram,
  runServer,
  serverAccount,
} from './processes.js';
import type { RunningService } from './types.js';

export interface Broker {
  /** Of 127.0.0.1, as is the other. */
  readonly port: number;
  /** With the file of the authority that signed the certificate, which is for 127.0.0.1. */
  readonly tls: { readonly port: number; readonly ca: string };
  /** Kills the broker and starts it again with what it has on disk. */
  readonly restart: RunningService['restart'];
  stop(): Promise<void>;
}

/** The script itself: what Debian has in PATH insists on the folders of the system's own broker. */
const SCRIPT = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const server = (): string | null => (existsSync(SCRIPT) ? SCRIPT : findProgram('rabbitmq-server'));

/** Null when all is installed that it needs; otherwise what is missing, in words. */
export function rabbitmqMissing(): string | null {
  const found = { 'rabbitmq-server': server(), epmd: findProgram('epmd'), openssl: findProgram('openssl') };
  const missing = Object.entries(found).flatMap(([name, path]) => (path === null ? [name] : []));
  return missing.length === 0 ? null : `${missing.join(', ')} not found (packages rabbitmq-server, openssl)`;
}

/** Fails until something listens. */
const listens = (port: number) => (): Promise<void> =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve();
    });
    socket.once('error', reject);
  });

async function makeCertificate(folder: string, account: Account | null): Promise<void> {
  const subject = ['-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const openssl = findProgram('openssl') ?? '';
  await runProgram(openssl, ['req', '-x509', ...key, ...files, ...subject, '-days', '2'], account, folder);
  await chmod(join(folder, 'cert.pem'), 0o644);
}

async function start(folder: string, stops: (() => Promise<void>)[]): Promise<Omit<Broker, 'stop'>> {
  const account = serverAccount('rabbitmq');
  await chmod(folder, 0o755);
  await giveTo(account, folder);
  await makeCertificate(folder, account);
  const [port, tlsPort, epmdPort, nodePort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const conf = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
    ...['cacertfile', 'certfile'].map((name) => `ssl_options.${name} = ${join(folder, 'cert.pem')}`),
    `ssl_options.keyfile = ${join(folder, 'key.pem')}`,
    // The disk of a test machine may be nearly full.
    'disk_free_limit.absolute = 1MB',
  ];
  await writeFile(join(folder, 'rabbitmq.conf'), `${conf.join('\n')}\n`);
  await writeFile(join(folder, 'enabled_plugins'), '[].\n');
  // Without one of ours the broker would start one that outlives it.
  const epmd = await runServer({
    program: findProgram('epmd') ?? '',
    args: ['-port', String(epmdPort), '-address', '127.0.0.1'],
    account,
    folder,
    probe: listens(epmdPort),
  });
  stops.push(() => epmd.stop());
  const broker = await runServer({
    program: server() ?? '',
    args: [],
    account,
    folder,
    environment: {
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `keystone-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(nodePort),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: join(folder, 'none.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'config'),
      RABBITMQ_FEATURE_FLAGS_FILE: join(folder, 'feature_flags'),
      RABBITMQ_LOGS: '-',
      // The script becomes the broker instead of watching over it: a signal reaches the broker.
      RUNNING_UNDER_SYSTEMD: 'true',
    },
    probe: listens(tlsPort),
    stopSignal: 'SIGKILL',
  });
  stops.push(() => broker.stop());
  return { port, tls: { port: tlsPort, ca: join(folder, 'cert.pem') }, restart: broker.restart };
}

/** @throws Error with the log when it does not start */
export async function startRabbitmq(): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-rabbitmq-'));
  const stops: (() => Promise<void>)[] = [() => removeFolder(folder)];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    return { ...(await start(folder, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
