/**
 * Tokens in the memory of a process (`[token] driver = kvs`) are known to that process only: a second one would refuse
 * them and would not see them revoked. So a server that keeps tokens like this starts only when it is the only one.
 */
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Conf } from '../conf/index.js';

/** Providers whose tokens are kept nowhere. */
const KEPT_NOWHERE = new Set(['fernet', 'jws']);

/**
 * @param env tells how PM2 runs the process
 * @returns gives the claim back
 * @throws Error saying why more than one process serves, and what to do
 */
export async function claimKvs(
  { token, database }: Pick<Conf, 'token' | 'database'>,
  env: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> {
  if (token.driver !== 'kvs' || KEPT_NOWHERE.has(token.provider)) return async () => undefined;
  const reason = severalProcesses(env);
  if (reason !== null) throw refusal(reason);
  return await claimName(database.connection);
}

function refusal(reason: string): Error {
  return new Error(
    `[token] driver = kvs keeps tokens in one process, but more than one serves: ${reason}. Use sql, memcache or` +
      ' memcache_pool, or serve from a single process',
  );
}

/** How PM2, or another cluster of Node, says that there are several; null when nothing says so. */
function severalProcesses(env: NodeJS.ProcessEnv): string | null {
  const { NODE_APP_INSTANCE: instance, instances, exec_mode: mode, pm_id: pm2Id } = env;
  if (Number(instance) > 0) return `this is instance ${instance} of an application of PM2`;
  if (Number(instances) > 1) return `PM2 runs ${instances} instances`;
  if (mode?.startsWith('cluster') === true && instances !== undefined && Number(instances) !== 1) {
    return `PM2 runs a cluster with instances = ${instances}`;
  }
  if (cluster.isWorker && pm2Id === undefined) return 'this is the worker of a cluster';
  return null;
}

/**
 * Take a name on this host that only one living process can have. Abstract sockets go with their process; where the
 * system has none (other than Linux), nothing is claimed.
 */
async function claimName(connection: string | null): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return async () => undefined;
  const server = createServer((socket) => socket.destroy());
  const name = createHash('sha256')
    .update(connection ?? '')
    .digest('hex');
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(`\0keystone-koa-kvs-${name}`, resolve);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw refusal('another process on this host serves the same database with kvs');
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
