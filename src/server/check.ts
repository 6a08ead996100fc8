/** `keystone-serve --check`: all that a start does, without the ports that somebody else may serve at. */
import type { LoadedConf } from '../conf/index.js';
import type { ServeTarget } from './address.js';
import { startServer } from './server.js';
import { checkServiceLog } from './service_log.js';

/**
 * Start and end at once: configuration, log, modules, policy, database with its tables, pipelines with a question to each, and
 * the keys, which a start alone would leave to the first token.
 *
 * @throws Error with one message that says what to correct
 */
export async function checkStart(loaded: LoadedConf, targets: readonly ServeTarget[]): Promise<void> {
  checkServiceLog(loaded);
  const anywhere = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const server = await startServer(
    loaded,
    targets.map(({ name }) => ({ name, address: anywhere })),
  );
  try {
    await server.readKeys();
  } finally {
    await server.stop();
  }
}
