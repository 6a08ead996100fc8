/** A private Redis server. */
import { answersAs, findProgram, freePort, giveTo, runServer, serverAccount } from './processes.js';
import type { ServiceDefinition } from './types.js';

export const redis: ServiceDefinition = {
  name: 'redis',
  variable: 'TEST_REDIS',

  missing() {
    return findProgram('redis-server') === null ? 'redis-server not found (package redis-server)' : null;
  },

  async start(folder) {
    const account = serverAccount('redis');
    await giveTo(account, folder);
    const port = await freePort();
    const server = await runServer({
      program: findProgram('redis-server') ?? '',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
      account,
      folder,
      probe: (pid) => answersAs(pid, port, 'INFO server\r\nQUIT\r\n', 'process_id:'),
    });
    return { address: `127.0.0.1:${port}`, ...server };
  },
};
