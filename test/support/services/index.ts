/**
 * The servers that tests integrate with. `npm test` starts each once for the whole run and passes the address in the
 * environment; a test file that is run alone starts what it needs. A server that is not installed is left out
 * loudly, or fails the test when `REQUIRE_SERVICES=1`.
 */
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mariadb } from './mariadb.js';
import { memcached } from './memcached.js';
import { postgres } from './postgres.js';
import { removeFolder } from './processes.js';
import { redis } from './redis.js';
import { slapd } from './slapd.js';
import type { RunningService, ServiceDefinition } from './types.js';

export const services = { mariadb, postgres, memcached, slapd, redis } satisfies Record<
  string,
  ServiceDefinition
>;
export type ServiceName = keyof typeof services;

/** Starts an instance in a temporary folder, which goes with it. @throws Error when it cannot be started */
export async function startService(definition: ServiceDefinition): Promise<RunningService> {
  const folder = await mkdtemp(join(tmpdir(), `keystone-${definition.name}-`));
  const remove = (): Promise<void> => removeFolder(folder);
  try {
    await chmod(folder, 0o755);
    const running = await definition.start(folder);
    return {
      address: running.address,
      restart: running.restart,
      stop: async () => {
        await running.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const own = new Map<ServiceName, Promise<RunningService>>();

/** Stops what this process started, after its last test. */
function stopAfterAll(context: Mocha.Context): void {
  let suite = context.runnable().parent;
  while (suite?.parent !== undefined) suite = suite.parent;
  suite?.afterAll('stop the servers', async function stopOwn() {
    this.timeout(120_000);
    const started = [...own.values()];
    own.clear();
    await Promise.all(started.map(async (running) => (await running).stop()));
  });
}

/**
 * The address of a server, for a test's `before`. Skips the caller's tests when the server is not installed.
 * @param context `this` of the mocha hook; its time-out is raised, because a server may have to be started
 */
export async function useService(context: Mocha.Context, name: ServiceName): Promise<string> {
  const definition: ServiceDefinition = services[name];
  const given = process.env[definition.variable];
  if (given !== undefined && given !== '') return given;
  const missing = definition.missing();
  if (missing !== null) {
    if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`${name}: ${missing}`);
    context.skip();
  }
  context.timeout(240_000);
  let running = own.get(name);
  if (running === undefined) {
    if (own.size === 0) stopAfterAll(context);
    running = startService(definition);
    own.set(name, running);
  }
  return (await running).address;
}
