/**
 * The configured cache (`[cache]`) behind what each process keeps in memory.
 *
 * What it gives is true: every key holds the generation of the database from before the data were read, and is looked
 * for under the generation of now. After any commit that matters, in whatever process, nobody finds what was kept
 * before; and where the database proves no generation, nothing is taken from here and nothing put in. So a cache that
 * dies, comes back with old entries or loses some changes nothing but the time that an answer takes.
 */
import { RefusedError, withDeadline } from '../breaker.js';
import { getLogger } from '../log/index.js';
import { cacheKey } from './keys.js';
import { LOOKUP_DEADLINE, PAUSE, SLOW } from './limits.js';
import { sealed, unsealed } from './seal.js';
import type { CacheBackend, PlaceState } from './types.js';

const log = getLogger('keystone.common.cache');

/** Milliseconds between two lines of the log about values that were refused. */
const REFUSALS_EVERY = 60_000;

/** Generation of the data (`Database.generation`); undefined when nothing is proven. */
export type GenerationOf = () => Promise<string | undefined>;

export interface CacheCounts {
  hits: number;
  misses: number;
  /** Look-ups and writes that failed or were not answered in time. */
  errors: number;
  /** Look-ups that were left out because the one before was waited for in vain. */
  skipped: number;
}

export interface SharedCacheParts {
  readonly backend: CacheBackend;
  /** What all keys begin with. */
  readonly prefix: string;
  /**
   * Whose data these are: another deployment, or one with other rules, has another text. Values are sealed with it, so
   * it is to be something that only the nodes of the deployment know.
   */
  readonly deployment: string;
}

export class SharedCache {
  readonly #backend: CacheBackend;
  readonly #prefix: string;
  readonly #deployment: string;
  readonly #counts = new Map<string, CacheCounts>();
  #pausedUntil = 0;
  #refusalTold = Number.NEGATIVE_INFINITY;

  constructor({ backend, prefix, deployment }: SharedCacheParts) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#deployment = deployment;
  }

  /** @returns undefined also when the cache fails: that is counted, and never thrown */
  async read(region: string, generation: string, key: string): Promise<string | undefined> {
    const counts = this.#countsOf(region);
    const begin = performance.now();
    if (begin < this.#pausedUntil) {
      counts.skipped += 1;
      return undefined;
    }
    try {
      const name = this.#keyOf(region, generation, key);
      const text = await withDeadline(LOOKUP_DEADLINE, () => this.#backend.get(name));
      const value = text === undefined ? undefined : unsealed(this.#deployment, name, text);
      if (value === undefined) counts.misses += 1;
      else counts.hits += 1;
      return value;
    } catch {
      counts.errors += 1;
      const end = performance.now();
      if (end - begin > SLOW) this.#pausedUntil = end + PAUSE;
      return undefined;
    }
  }

  /** Keep a value, some time soon: nobody waits for it. @param seconds whole and above 0 */
  write(region: string, generation: string, key: string, value: string, seconds: number): void {
    void this.#write(region, this.#keyOf(region, generation, key), value, seconds);
  }

  /** Never fails, even where a proxy throws instead of rejecting. */
  async #write(region: string, name: string, value: string, seconds: number): Promise<void> {
    try {
      await this.#backend.set(name, sealed(this.#deployment, name, value), seconds);
    } catch (error) {
      this.#countsOf(region).errors += 1;
      if (error instanceof RefusedError) this.#tellOfRefusal(error);
    }
  }

  /** A server that has no room answers: it is not left out, and shows nowhere else but in the figures. */
  #tellOfRefusal({ message }: RefusedError): void {
    const now = performance.now();
    if (now - this.#refusalTold < REFUSALS_EVERY) return;
    this.#refusalTold = now;
    log.warn(`A server of the cache did not keep a value: ${message}`);
  }

  /** Figures by region since the start. */
  counts(): ReadonlyMap<string, Readonly<CacheCounts>> {
    return this.#counts;
  }

  states(): readonly PlaceState[] {
    return this.#backend.states();
  }

  /** @throws Error when it cannot be used now */
  ping(): Promise<void> {
    return this.#backend.ping();
  }

  close(): Promise<void> {
    return this.#backend.close();
  }

  #keyOf(region: string, generation: string, key: string): string {
    return cacheKey(this.#prefix, [this.#deployment, region, generation, key]);
  }

  #countsOf(region: string): CacheCounts {
    let counts = this.#counts.get(region);
    if (counts === undefined) {
      counts = { hits: 0, misses: 0, errors: 0, skipped: 0 };
      this.#counts.set(region, counts);
    }
    return counts;
  }
}

/** How a value becomes a text and comes back. */
export interface Form<Value> {
  pack(value: Value): unknown;
  /** @returns undefined for what is none of ours, or no longer good */
  unpack(data: unknown): Value | undefined;
}

/** One kind of values in the cache, or in none. */
export class CacheRegion<Value> {
  /**
   * @param spec.cache      null when nothing is kept
   * @param spec.generation see GenerationOf
   * @param spec.seconds    how long values are kept; 0 for not at all
   */
  constructor(
    private readonly spec: {
      readonly name: string;
      readonly cache: SharedCache | null;
      readonly generation: GenerationOf;
      readonly seconds: number;
      readonly form: Form<Value>;
    },
  ) {}

  /** Whether anything is ever kept. */
  get isInUse(): boolean {
    const { cache, seconds } = this.spec;
    return cache !== null && seconds > 0;
  }

  /** Generation of now, for `keep`; undefined when nothing would be kept. */
  async generation(): Promise<string | undefined> {
    return this.isInUse ? this.spec.generation() : undefined;
  }

  /**
   * The kept value, or what `read` says; errors are not kept.
   * @param key       any text: only a digest of it leaves the process
   * @param isLasting whether a value that was read may be kept
   */
  async get(
    key: string,
    read: () => Promise<Value>,
    isLasting: (value: Value) => boolean = () => true,
  ): Promise<Value> {
    const generation = await this.generation();
    if (generation === undefined) return read();
    const { cache, name, form } = this.spec;
    const text = await cache?.read(name, generation, key);
    const known = text === undefined ? undefined : form.unpack(parsed(text));
    if (known !== undefined) return known;
    const value = await read();
    if (isLasting(value)) this.keep(key, generation, value);
    return value;
  }

  /** @param generation from before the value was read */
  keep(key: string, generation: string, value: Value): void {
    const { cache, name, form, seconds } = this.spec;
    cache?.write(name, generation, key, JSON.stringify(form.pack(value)), seconds);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
