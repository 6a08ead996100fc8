/** The services that are compared: ours under PM2, Debian's real Keystone under uwsgi, each with its own database. */
import { readFile } from 'node:fs/promises';
import { createConnection } from 'mariadb';
import { ADMIN, createDeployment, runManage } from '../../test/support/deployment.js';
import type { Installation } from '../../test/support/installation.js';
import { startReference } from '../../test/support/reference/keystone.js';
import { startPm2 } from '../../test/support/services/pm2.js';
import { freePort } from '../../test/support/services/processes.js';

export interface Contender {
  readonly name: string;
  readonly workers: number;
  /** Where Apache finds it. */
  readonly backEnd: string;
  /** All processes that work for a request, without web server and database. */
  readonly pids: readonly number[];
  readonly admin: typeof ADMIN;
  stop(): Promise<void>;
}

/** What all run on. */
export interface Site {
  /** SQLAlchemy URL of a MariaDB server. */
  readonly database: string;
  /** HOST:PORT of memcached for ours; the real one has its own. */
  readonly cache: string;
}

/** All hash passwords alike, and cheaply, since users are only made to be listed. */
const HASHING = { identity: ['password_hash_algorithm = bcrypt', 'password_hash_rounds = 4'] };
const OWNER = [`--keystone-user=${process.getuid?.()}`, `--keystone-group=${process.getgid?.()}`];

async function createDatabase(server: string, name: string): Promise<string> {
  const { hostname, port, username, password } = new URL(server.replace('mysql+pymysql', 'http'));
  const connection = await createConnection({
    host: hostname,
    port: Number(port),
    user: username,
    password,
    // By default it gives up after a second.
    connectTimeout: 60_000,
  });
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await connection.end();
  return server.replace(/\/\w+$/, `/${name}`);
}

export async function startOurs(site: Site, installation: Installation, workers: number): Promise<Contender> {
  const connection = await createDatabase(site.database, `ours_${workers}`);
  const deployment = await createDeployment({
    until: 'files',
    conf: {
      ...HASHING,
      database: [`connection = ${connection}`],
      cache: ['enabled = true', 'backend = dogpile.cache.memcached', `memcache_servers = ${site.cache}`],
    },
  });
  for (const command of [['db_sync'], ['fernet_setup', ...OWNER], ['credential_setup', ...OWNER]])
    await runManage([...deployment.args, ...command], deployment.env);
  const bootstrap = [
    'bootstrap',
    '--bootstrap-username',
    ADMIN.name,
    '--bootstrap-project-name',
    ADMIN.project,
  ];
  await runManage([...deployment.args, ...bootstrap], {
    ...deployment.env,
    OS_BOOTSTRAP_PASSWORD: ADMIN.password,
  });
  const port = await freePort();
  const pm2 = await startPm2({
    KEYSTONE_CONFIG_FILE: deployment.conf,
    KEYSTONE_PUBLIC: `main@127.0.0.1:${port}`,
    KEYSTONE_PUBLIC_INSTANCES: String(workers),
  });
  await pm2.run('start', installation.path('ecosystem.config.cjs'), '--only', 'keystone-public');
  const daemon = Number(await readFile(`${pm2.env['PM2_HOME']}/pm2.pid`, 'utf8'));
  return {
    name: 'keystone-koa',
    workers,
    backEnd: `http://127.0.0.1:${port}`,
    // The daemon takes the connections and hands them to the workers.
    pids: [daemon, ...(await pm2.processes()).map(({ pid }) => pid)],
    admin: ADMIN,
    async stop() {
      await pm2.stop();
      await deployment.remove();
    },
  };
}

export async function startReal(site: Site, workers: number): Promise<Contender> {
  const connection = await createDatabase(site.database, `real_${workers}`);
  const conf = { ...HASHING, database: [`connection = ${connection}`] };
  const reference = await startReference({ caching: true, workers, conf });
  const children = await readFile(`/proc/${reference.pid}/task/${reference.pid}/children`, 'utf8');
  return {
    name: 'Keystone 22',
    workers,
    backEnd: reference.url,
    pids: [reference.pid, ...children.trim().split(' ').map(Number)],
    admin: ADMIN,
    stop: () => reference.stop(),
  };
}
