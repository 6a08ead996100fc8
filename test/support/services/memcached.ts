/** A private memcached server. */
import { answersAs, findProgram, freePort, giveTo, runServer, serverAccount } from './processes.js';
import type { ServiceDefinition } from './types.js';

export const memcached: ServiceDefinition = {
  name: 'memcached',
  variable: 'TEST_MEMCACHED',

  missing() {
    return findProgram('memcached') === null ? 'memcached not found (package memcached)' : null;
  },

  async start(folder) {
    const account = serverAccount('memcache');
    await giveTo(account, folder);
    const port = await freePort();
    const server = await runServer({
      program: findProgram('memcached') ?? '',
      args: ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64'],
      account,
      folder,
      probe: (pid) => answersAs(pid, port, 'stats\r\nquit\r\n', 'STAT pid '),
    });
    return { address: `127.0.0.1:${port}`, ...server };
  },
};
