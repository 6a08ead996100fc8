/**
 * What the health check tells of this process: whether it works (liveness), whether it can serve (readiness), and what
 * is in force in it. Nothing here is secret, and nothing a caller does makes it cost more than one look per second.
 */
import type { KeyRepository } from '../common/crypto/key_repository.js';
import type { HealthChecks } from '../common/health.js';
import type { PolicyStatus } from '../common/policy/index.js';
import type { HealthResult, HealthService } from '../filters/services.js';
import { packageVersion } from './package_info.js';

/** One pipeline as it is in force, and the newer file that was refused. */
export interface PipelineStatus {
  readonly name: string;
  /** 1 for the tree of the start, one more with every tree put in force. */
  readonly generation: number;
  /** When the tree in force was built, ISO 8601. */
  readonly loadedAt: string;
  readonly refused: { readonly at: string; readonly reason: string } | null;
}

/** What is looked at. All of it is asked anew for each answer, except for what costs a round trip. */
export interface HealthSources {
  /** @throws when the database does not answer */
  readonly ping: () => Promise<void>;
  readonly keys: () => Iterable<KeyRepository>;
  readonly policy: () => PolicyStatus;
  /** What parts of the service have registered: caches, directories. */
  readonly checks?: HealthChecks;
}

interface Look {
  readonly since: number;
  readonly result: Promise<HealthResult>;
}

const OK = 'OK';
/** An answer of the database, or of anything else beyond the process, counts this long. */
const FRESH_MS = 1_000;
/** A load balancer does not wait for ever. */
const LOOK_TIMEOUT_MS = 2_000;

export class ServiceHealth implements HealthService {
  readonly #sources: HealthSources;
  readonly #startedAt = new Date();
  readonly #version = packageVersion();
  #pipelines: () => readonly PipelineStatus[] = () => [];
  #draining = false;
  readonly #looks = new Map<string, Look>();

  constructor(sources: HealthSources) {
    this.#sources = sources;
  }

  /** Tell of pipelines; they are built after the filters have got this object. */
  watchPipelines(pipelines: () => readonly PipelineStatus[]): void {
    this.#pipelines = pipelines;
  }

  /** The process is about to end: readiness turns false, so that load balancers look elsewhere. */
  startDraining(): void {
    this.#draining = true;
  }

  live(): readonly HealthResult[] {
    return [{ name: 'process', available: true, reason: OK }];
  }

  async ready(): Promise<readonly HealthResult[]> {
    const [database, ...others] = await Promise.all([this.#lookAtDatabase(), ...this.#lookAtOthers()]);
    const results = [database, ...this.#lookAtKeys(), ...others];
    if (this.#draining) results.unshift({ name: 'process', available: false, reason: 'SHUTTING DOWN' });
    return results;
  }

  status(): Readonly<Record<string, unknown>> {
    const { generation, loadedAt, rules, overridden, refused } = this.#sources.policy();
    return {
      version: this.#version,
      pid: process.pid,
      started_at: this.#startedAt.toISOString(),
      pipelines: this.#pipelines().map((pipeline) => ({
        name: pipeline.name,
        generation: pipeline.generation,
        loaded_at: pipeline.loadedAt,
        refused: pipeline.refused,
      })),
      policy: { generation, loaded_at: loadedAt, rules, overridden, refused },
      keys: [...this.#sources.keys()].map((repository) => ({
        repository: repository.kind,
        keys: repository.fingerprints(),
      })),
    };
  }

  #lookAtDatabase(): Promise<HealthResult> {
    return this.#look('database', async () => {
      const answer = await answerOf(this.#sources.ping);
      if (answer.problem === null) return { name: 'database', available: true, reason: OK };
      return {
        name: 'database',
        available: false,
        reason: 'DATABASE UNAVAILABLE',
        details: answer.problem,
      };
    });
  }

  #lookAtOthers(): Promise<HealthResult>[] {
    return (this.#sources.checks?.checks() ?? []).map(({ name, required, check }) =>
      this.#look(name, async () => {
        const { problem, remark } = await answerOf(check);
        const details = problem ?? remark;
        const reason = problem === null ? OK : required ? 'UNAVAILABLE' : 'DEGRADED';
        const available = problem === null || !required;
        return { name, available, reason, ...(details !== null && { details }) };
      }),
    );
  }

  /** Everybody who asks within a second gets the same answer. */
  #look(name: string, work: () => Promise<HealthResult>): Promise<HealthResult> {
    const now = performance.now();
    const known = this.#looks.get(name);
    if (known !== undefined && now - known.since < FRESH_MS) return known.result;
    const look = { since: now, result: work() };
    this.#looks.set(name, look);
    return look.result;
  }

  /** Keys that were not asked for yet say nothing: a repository is read when the first token needs it. */
  #lookAtKeys(): HealthResult[] {
    return [...this.#sources.keys()].map((repository) => {
      const { kind, problem } = repository.health();
      const name = `keys:${kind}`;
      if (problem === null) return { name, available: true, reason: OK };
      return { name, available: false, reason: 'KEYS UNAVAILABLE', details: problem };
    });
  }
}

interface Answer {
  /** Why it cannot be used; null when it can. */
  readonly problem: string | null;
  readonly remark: string | null;
}

/** Ask, but do not wait for ever. */
async function answerOf(ask: () => Promise<string | void>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${LOOK_TIMEOUT_MS / 1000} s`)),
      LOOK_TIMEOUT_MS,
    );
  });
  try {
    const remark = await Promise.race([ask(), late]);
    return { problem: null, remark: remark ?? null };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), remark: null };
  } finally {
    clearTimeout(timer);
  }
}
