/** A private PostgreSQL server. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  findProgram,
  freePort,
  giveTo,
  runProgram,
  runServer,
  serverAccount,
  versionedFolders,
} from './processes.js';
import type { ServiceDefinition } from './types.js';

const PASSWORD = 'secret';

const program = (name: string): string | null =>
  findProgram(name, versionedFolders('/usr/lib/postgresql', 'bin'));

export const postgres: ServiceDefinition = {
  name: 'postgres',
  variable: 'TEST_POSTGRES_URL',

  missing() {
    const names = ['initdb', 'postgres'].filter((name) => program(name) === null);
    return names.length === 0 ? null : `${names.join(' and ')} not found (package postgresql)`;
  },

  async start(folder) {
    const account = serverAccount('postgres');
    await giveTo(account, folder);
    const data = join(folder, 'data');
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
    await runProgram(
      program('initdb') ?? '',
      [
        `--pgdata=${data}`,
        '--username=keystone',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--no-sync',
      ],
      account,
      folder,
    );
    const port = await freePort();
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '64MB',
      max_connections: '300',
    };
    const server = await runServer({
      program: program('postgres') ?? '',
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      account,
      folder,
      // Fast shutdown: a smart one (SIGTERM) waits for clients.
      stopSignal: 'SIGINT',
      // Its socket, which it makes after it has its port: nobody else has one there.
      probe: async () => {
        const client = new Client({
          host: folder,
          port,
          user: 'keystone',
          password: PASSWORD,
          database: 'postgres',
        });
        await client.connect();
        await client.end();
      },
    });
    const address = `postgresql+psycopg2://keystone:${PASSWORD}@127.0.0.1:${port}/postgres`;
    return { address, ...server };
  },
};
