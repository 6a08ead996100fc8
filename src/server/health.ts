/**
 * What the health check tells of this process: whether it works (liveness), whether it can serve (readiness), and what
 * is in force in it. Nothing here is secret, and nothing a caller does makes it cost more than one look per second.
 */
import type { KeyRepository } from '../common/crypto/key_repository.js';
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
}

const OK = 'OK';
/** An answer of the database counts this long. */
const FRESH_MS = 1_000;
/** A load balancer does not wait for ever. */
const PING_TIMEOUT_MS = 2_000;

export class ServiceHealth implements HealthService {
  readonly #sources: HealthSources;
  readonly #startedAt = new Date();
  readonly #version = packageVersion();
  #pipelines: () => readonly PipelineStatus[] = () => [];
  #draining = false;
  #database: { readonly since: number; readonly result: Promise<HealthResult> } | null = null;

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
    const results = [await this.#lookAtDatabase(), ...this.#lookAtKeys()];
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

  /** Everybody who asks within a second gets the same answer. */
  #lookAtDatabase(): Promise<HealthResult> {
    const now = performance.now();
    if (this.#database === null || now - this.#database.since >= FRESH_MS) {
      this.#database = { since: now, result: this.#ping() };
    }
    return this.#database.result;
  }

  async #ping(): Promise<HealthResult> {
    const name = 'database';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${PING_TIMEOUT_MS / 1000} s`)),
        PING_TIMEOUT_MS,
      );
    });
    try {
      await Promise.race([this.#sources.ping(), late]);
      return { name, available: true, reason: OK };
    } catch (error) {
      const details = error instanceof Error ? error.message : String(error);
      return { name, available: false, reason: 'DATABASE UNAVAILABLE', details };
    } finally {
      clearTimeout(timer);
    }
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
