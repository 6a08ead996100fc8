/** The clouds that are compared: a small and a large one on each database, each with services of its own. */
import { createConnection } from 'mariadb';
import { parseSqlUrl } from '../../src/common/sql/sqlalchemy_url.js';
import { createServices, type Services } from '../../src/server/services.js';
import { createDeployment, type Deployment, runManage } from '../../test/support/deployment.js';
import { populate, type Size } from './population.js';

export interface Cloud {
  readonly size: Size;
  readonly services: Services;
  close(): Promise<void>;
}

/** Tables and first user on the deployment's database, then the population. */
async function fill(deployment: Deployment, size: Size): Promise<Services> {
  const owner = [
    '--keystone-user',
    String(process.getuid?.() ?? 0),
    '--keystone-group',
    String(process.getgid?.() ?? 0),
  ];
  for (const command of [['db_sync'], ['fernet_setup', ...owner], ['credential_setup', ...owner]]) {
    await runManage([...deployment.args, ...command], deployment.env);
  }
  await runManage([...deployment.args, 'bootstrap', '--bootstrap-password', 'Adm1n-secret'], deployment.env);
  const services = await createServices(deployment.load());
  await populate(services.database, size);
  return services;
}

/** @param connection null: a SQLite file of its own */
export async function createCloud(size: Size, connection: string | null): Promise<Cloud> {
  const conf = connection === null ? {} : { database: [`connection = ${connection}`] };
  const deployment = await createDeployment({ until: 'files', conf });
  try {
    const services = await fill(deployment, size);
    return {
      size,
      services,
      close: async () => {
        await services.close();
        await deployment.remove();
      },
    };
  } catch (error) {
    await deployment.remove();
    throw error;
  }
}

/** Makes an empty database on a MariaDB server whose buffer pool holds all that we write. */
export async function createMariadbDatabase(serverUrl: string, name: string): Promise<string> {
  const { host, port, user, password } = parseSqlUrl(serverUrl);
  const connection = await createConnection({
    ...(host !== null && { host }),
    ...(port !== null && { port }),
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    // By default it gives up after a second.
    connectTimeout: 60_000,
  });
  try {
    await connection.query(`SET GLOBAL innodb_buffer_pool_size = ${1 << 30}`);
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb3`);
  } finally {
    await connection.end();
  }
  return serverUrl.replace(/\/[^/]*$/, `/${name}`);
}
