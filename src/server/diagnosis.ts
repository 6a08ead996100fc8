/**
 * What a running process says of itself when it is asked to (SIGUSR2, `keystone-manage diagnose`): enough to tell a
 * process that waits from one that computes or one that has lost something it needs. Nothing in it is secret.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { getLogger } from '../common/log/index.js';
import { poolStates } from '../common/sql/pool_state.js';
import type { LoadedConf } from '../conf/index.js';
import type { HealthService } from '../filters/services.js';
import type { ActiveRequests } from './active_requests.js';
import { packageVersion } from './package_info.js';
import type { Services } from './services.js';

const log = getLogger('keystone.server.diagnosis');

/** Begins the line of the log that holds a report. */
export const REPORT_PREFIX = 'Diagnosis ';

export interface DiagnosisSources {
  /** The configuration as it was read last. */
  readonly loaded: () => LoadedConf;
  readonly services: Pick<Services, 'database' | 'health'>;
  readonly health: HealthService;
  readonly requests: ActiveRequests;
  /** `NAME at ADDRESS` of what is served. */
  readonly serving: () => readonly string[];
}

/** How long the event loop is watched for one report. */
const WATCH_MS = 500;
const MEGABYTE = 1_048_576;

const megabytes = (bytes: number): number => Math.round((bytes / MEGABYTE) * 10) / 10;
const milliseconds = (nanoseconds: number): number => Math.round(nanoseconds / 10_000) / 100;

/** How late timers are: a loop that computes answers nobody meanwhile. */
async function eventLoop(): Promise<object> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const before = performance.eventLoopUtilization();
  delay.enable();
  await sleep(WATCH_MS);
  delay.disable();
  const { utilization } = performance.eventLoopUtilization(before);
  return {
    watched_ms: WATCH_MS,
    utilization: Math.round(utilization * 1000) / 1000,
    // What the resolution itself makes is not a delay.
    delay_mean_ms: Math.max(0, milliseconds(delay.mean) - 10),
    delay_p99_ms: Math.max(0, milliseconds(delay.percentile(99)) - 10),
    delay_max_ms: Math.max(0, milliseconds(delay.max) - 10),
  };
}

function memory(): object {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const { heap_size_limit: limit, number_of_detached_contexts: detached } = getHeapStatistics();
  return {
    rss_mb: megabytes(rss),
    heap_used_mb: megabytes(heapUsed),
    heap_total_mb: megabytes(heapTotal),
    heap_limit_mb: megabytes(limit),
    external_mb: megabytes(external),
    array_buffers_mb: megabytes(arrayBuffers),
    detached_contexts: detached,
    spaces_mb: Object.fromEntries(
      getHeapSpaceStatistics().map((space) => [space.space_name, megabytes(space.space_used_size)]),
    ),
  };
}

/** What keeps the process busy or alive, counted by kind. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** One report. It takes half a second, in which requests are answered as ever. */
export async function diagnose(sources: DiagnosisSources): Promise<Readonly<Record<string, unknown>>> {
  const { services, health, requests } = sources;
  const loop = await eventLoop();
  const { user, system } = process.cpuUsage();
  const { node, v8, uv, openssl } = process.versions;
  return {
    at: new Date().toISOString(),
    pid: process.pid,
    version: packageVersion(),
    versions: { node, v8, uv, openssl },
    uptime_s: Math.round(process.uptime()),
    cpu_s: { user: user / 1e6, system: system / 1e6 },
    serving: sources.serving(),
    configuration_files: sources.loaded().files,
    memory: memory(),
    event_loop: loop,
    resources: resources(),
    requests: requests.list(),
    database: { dialect: services.database.dialect, pools: poolStates(services.database.sequelize) },
    parts: services.health.states(),
    readiness: await health.ready(),
    in_force: health.status(),
  };
}

/** Write a report to the log. Never rejects. */
export async function logDiagnosis(sources: DiagnosisSources): Promise<void> {
  try {
    // Above the level that is logged by default: somebody has asked for it.
    log.warn(REPORT_PREFIX + JSON.stringify(await diagnose(sources)));
  } catch (error) {
    log.error(`No diagnosis: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
