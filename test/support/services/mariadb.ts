/** A private MariaDB (or MySQL-compatible) server. */

import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { findProgram, freePort, giveTo, runProgram, runServer, serverAccount } from './processes.js';
import type { ServiceDefinition } from './types.js';

/** Without characters that need escaping in a URL: Keystone 22's own commands cannot cope with a percent sign. */
const PASSWORD = 'secret';

export const mariadb: ServiceDefinition = {
  name: 'mariadb',
  variable: 'TEST_MARIADB_URL',

  missing() {
    const names = ['mariadbd', 'mariadb-install-db'].filter((name) => findProgram(name) === null);
    return names.length === 0 ? null : `${names.join(' and ')} not found (package mariadb-server)`;
  },

  async start(folder) {
    const account = serverAccount('mysql');
    await giveTo(account, folder);
    const data = join(folder, 'data');
    const socket = join(folder, 's.sock');
    const fast = [
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-buffer-pool-size=64M',
      '--innodb-log-file-size=32M',
      '--innodb-doublewrite=0',
      // Nothing is to survive the machine: most of a new database's time would be waiting for the disk.
      '--innodb-flush-method=nosync',
      '--debug-no-sync=1',
      '--aria-pagecache-buffer-size=8M',
      '--key-buffer-size=8M',
    ];
    await runProgram(
      findProgram('mariadb-install-db') ?? '',
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--tmpdir=${folder}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        ...fast,
      ],
      account,
      folder,
    );
    const port = await freePort();
    const asRoot = async (): Promise<Awaited<ReturnType<typeof createConnection>>> =>
      // By default it gives up after a second.
      createConnection({ socketPath: socket, user: 'root', connectTimeout: 60_000 });
    const server = await runServer({
      program: findProgram('mariadbd') ?? '',
      args: [
        '--no-defaults',
        `--datadir=${data}`,
        // Where a server starts, it removes the temporary tables that it finds: not those of others that run.
        `--tmpdir=${folder}`,
        `--socket=${socket}`,
        `--port=${port}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--log-error=${join(folder, 'server.log')}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--max-connections=300',
        ...fast,
      ],
      account,
      folder,
      probe: async () => {
        const connection = await asRoot();
        await connection.end();
      },
    });
    const connection = await asRoot();
    await connection.query(`CREATE USER 'keystone'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
    await connection.query(`GRANT ALL ON *.* TO 'keystone'@'127.0.0.1' WITH GRANT OPTION`);
    await connection.end();
    const address = `mysql+pymysql://keystone:${PASSWORD}@127.0.0.1:${port}/mysql`;
    return { address, ...server };
  },
};
