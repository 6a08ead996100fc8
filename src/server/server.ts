/** A process that serves: everything is built, asked a question, and only then reachable; and it ends in reverse. */
import { getLogger } from '../common/log/index.js';
import type { LoadedConf } from '../conf/index.js';
import { ActiveRequests } from './active_requests.js';
import { describeAddress, type ListenAddress, type ServeTarget } from './address.js';
import { logDiagnosis } from './diagnosis.js';
import { ServiceHealth } from './health.js';
import { HttpListener } from './http_server.js';
import { koaHandler } from './koa_app.js';
import { ListenError } from './listen.js';
import { describeError } from './output.js';
import { koaOptions, loadPipelines, pipelineStatus } from './pipelines.js';
import { registryServices } from './registry_services.js';
import { requireSchema } from './schema.js';
import { createServices, type Services } from './services.js';
import { claimKvs } from './single_process.js';

const log = getLogger('keystone.server');

export interface Serving {
  readonly name: string;
  readonly address: ListenAddress;
}

export interface RunningServer {
  readonly serving: readonly Serving[];
  /**
   * Build the pipelines anew from the paste file, under those options of the configuration that may change.
   * @returns whether they are in force
   */
  reloadPipelines(loaded: LoadedConf): Promise<boolean>;
  /** Read the files of domains anew. @throws Error when they cannot be used together: the old ones stay in force */
  reloadDomains(): Promise<void>;
  /** Read the keys of all repositories now. @throws KeysNotFound */
  readKeys(): Promise<void>;
  /** Write a report on the state of this process to the log. Never rejects. */
  diagnose(): Promise<void>;
  /** Finish what runs and let go of everything. Asked again, it waits for the same end. */
  stop(): Promise<void>;
}

/** Long enough for a front server to use or drop its idle connections, short enough for a person who waits. */
const IDLE_GRACE_MS = 3_000;
/** Two tokens and a generous rest. */
const MIN_HEADER_SIZE = 32_768;

/** What a handler that never ends, or a database that does not answer, may keep the process from ending. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Wait for a step, but not for ever. @throws Error when it takes too long */
async function within(limit: number, step: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limit / 1000} s, given up`)), limit);
  });
  try {
    await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Steps to be undone, the last first. One that fails, or does not come to its end, does not keep the others. */
class Undo {
  readonly #steps: { readonly what: string; readonly undo: () => Promise<unknown> }[] = [];

  /** @param undo comes to its end by itself; `within` sees to it where that is not sure */
  add(what: string, undo: () => Promise<unknown>): void {
    this.#steps.push({ what, undo });
  }

  async run(): Promise<void> {
    for (const { what, undo } of this.#steps.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        log.error(`While stopping, ${what}: ${describeError(error)}`);
      }
    }
  }
}

/**
 * Where a name is served when the command line does not say: `[keystone_koa] bind_host` at the port of
 * `[eventlet_server]`, the admin port for names that begin with `admin`. A host set in `[eventlet_server]` counts.
 */
function defaultAddress(name: string, loaded: LoadedConf): ListenAddress {
  const isAdmin = name.startsWith('admin');
  const { eventlet_server: old, keystone_koa: own } = loaded.conf;
  const hostOption = isAdmin ? 'admin_bind_host' : 'public_bind_host';
  const host = loaded.origin('eventlet_server', hostOption) === 'default' ? own.bind_host : old[hostOption];
  return { kind: 'tcp', host, port: isAdmin ? old.admin_port : old.public_port };
}

/** @throws ListenError when two names would share an address */
function addressesOf(targets: readonly ServeTarget[], loaded: LoadedConf): readonly Serving[] {
  const taken = new Map<string, string>();
  return targets.map(({ name, address }) => {
    const where = address ?? defaultAddress(name, loaded);
    const text = describeAddress(where);
    const other = taken.get(text);
    const isShared = where.kind !== 'tcp' || where.port !== 0;
    if (other !== undefined && isShared) {
      throw new ListenError(
        `"${other}" and "${name}" cannot both be served at ${text}: give one of them another address, as in ${name}@127.0.0.1:8080`,
      );
    }
    taken.set(text, name);
    return { name, address: where };
  });
}

function maxHeaderSize({ conf }: LoadedConf): number {
  return Math.max(MIN_HEADER_SIZE, 2 * conf.DEFAULT.max_token_size + MIN_HEADER_SIZE / 2);
}

/**
 * Serve. Nothing is left half-started when a step fails.
 *
 * @param make builds the services
 * @throws Error with one message that says what to correct
 */
export async function startServer(
  loaded: LoadedConf,
  targets: readonly ServeTarget[],
  make: (loaded: LoadedConf) => Promise<Services> = createServices,
): Promise<RunningServer> {
  const wanted = addressesOf(targets, loaded);
  const names = [...new Set(wanted.map(({ name }) => name))];
  const undo = new Undo();
  let latest = loaded;
  try {
    undo.add('giving back the claim on tokens', await claimKvs(loaded.conf, process.env));
    const services = await make(loaded);
    undo.add('closing the services', () => within(CLOSE_TIMEOUT_MS, services.close()));
    await requireSchema(services.database);
    await services.providers.identity.reloadDomains();
    const health = new ServiceHealth({
      ping: () => services.database.ping(),
      keys: () => services.keys.values(),
      policy: () => services.policy.status(),
      checks: services.health,
    });
    const pipelines = await loadPipelines(loaded, names, registryServices(services, health), {
      serverTiming: () => latest.conf.keystone_koa.server_timing,
    });
    undo.add('letting go of the pipelines', () => within(CLOSE_TIMEOUT_MS, pipelines.dispose()));
    health.watchPipelines(() => pipelineStatus(pipelines, names));

    const { drain_timeout: drainTimeout, keep_alive_timeout: keepAliveTimeout } = loaded.conf.keystone_koa;
    const active = new ActiveRequests();
    const serving: Serving[] = [];
    const listeners: HttpListener[] = [];
    const drain = async (): Promise<void> => {
      health.startDraining();
      const deadline = drainTimeout * 1000;
      const drained = await Promise.all(
        listeners.map((listener) =>
          listener.drain({ idleGrace: Math.min(IDLE_GRACE_MS, deadline / 4), deadline }),
        ),
      );
      const aborted = drained.reduce((sum, result) => sum + result.aborted, 0);
      if (aborted > 0) {
        log.warn(
          `${aborted} requests still ran after ${drainTimeout} s ([keystone_koa] drain_timeout): cut off`,
        );
      }
    };
    undo.add('finishing requests', drain);
    for (const { name, address } of wanted) {
      const handler = koaHandler(pipelines.endpoint(name), { ...koaOptions(loaded), active });
      const listener = new HttpListener(handler, {
        keepAliveTimeout,
        maxHeaderSize: maxHeaderSize(loaded),
      });
      serving.push({ name, address: await listener.listen(address) });
      listeners.push(listener);
    }
    let stopping: Promise<void> | null = null;
    return {
      serving,
      reloadPipelines: (changed) => {
        latest = changed;
        return pipelines.reload();
      },
      reloadDomains: () => services.providers.identity.reloadDomains(),
      readKeys: async () => {
        for (const repository of services.keys.values()) await repository.keys();
      },
      diagnose: () =>
        logDiagnosis({
          loaded: () => latest,
          services,
          health,
          requests: active,
          serving: () => serving.map(({ name, address }) => `${name} at ${describeAddress(address)}`),
        }),
      stop: () => (stopping ??= undo.run()),
    };
  } catch (error) {
    await undo.run();
    throw error;
  }
}
