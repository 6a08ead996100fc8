/**
 * Passwords hashed and verified, away from the event loop.
 *
 * Hashing is slow on purpose: every computation runs in a small pool of threads of its own (not in libuv's, which
 * serves files, name look-ups and SQLite), first come, first served. The queue is bounded: when clients ask for more
 * than the machine can hash in good time, they are told so instead of being kept waiting.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import { ServiceUnavailable, ValidationError } from '../../errors.js';
import { getLogger } from '../../log/index.js';
import { passwordBytes } from './length.js';
import type { HashCost, PasswordAlgorithm } from './scheme.js';
import { memory } from './scrypt.js';
import type { Task } from './worker.js';

export type { PasswordAlgorithm } from './scheme.js';

export interface PasswordHashingOptions {
  /** `[identity] password_hash_algorithm`; `sha512_crypt` by default, Newton's only one. */
  readonly algorithm?: PasswordAlgorithm;
  /** `[DEFAULT] crypt_strength` for sha512_crypt, `[identity] password_hash_rounds` for the others. */
  readonly rounds?: number;
  /** `[identity] scrypt_block_size` */
  readonly scryptBlockSize?: number;
  /** `[identity] scrypt_parallelism` */
  readonly scryptParallelism?: number;
  /** `[identity] salt_bytesize`, for scrypt and pbkdf2_sha512 */
  readonly saltBytes?: number;
  /** `[identity] max_password_length` */
  readonly maxLength?: number;
  /** `[DEFAULT] strict_password_check` */
  readonly strict?: boolean;
  /** Threads at most; as many as the machine has processors by default. */
  readonly threads?: number;
  /** Passwords that may be waiting or in work at once. */
  readonly maxPending?: number;
}

/** An option has a value that the algorithm cannot work with. */
export class PasswordHashingConfigError extends Error {
  override readonly name = 'PasswordHashingConfigError';
}

export interface PasswordHashing {
  /**
   * @throws ValidationError when the algorithm cannot hash it (NUL characters, malformed text)
   * @throws PasswordVerificationError when it is too long under a strict check
   * @throws ServiceUnavailable when too many are waiting
   */
  hash(password: string): Promise<string>;
  /**
   * Whether the password belongs to the stored hash, of whichever algorithm. Takes as long for a missing or damaged
   * hash as for a good one.
   *
   * @throws PasswordVerificationError, ServiceUnavailable as `hash` does
   */
  verify(password: string | null, hash: string | null): Promise<boolean>;
  /** The work of one verification, for a user who does not exist: the time of the answer must not tell. */
  dummyVerify(password: string | null): Promise<false>;
  /** Wait for what is under way, then end the threads. */
  close(): Promise<void>;
}

interface Range {
  readonly preset: number;
  readonly min: number;
  readonly max: number;
}

const ROUNDS: Readonly<Record<PasswordAlgorithm, Range>> = {
  sha512_crypt: { preset: 10_000, min: 1_000, max: 999_999_999 },
  bcrypt: { preset: 12, min: 4, max: 31 },
  scrypt: { preset: 16, min: 1, max: 31 },
  pbkdf2_sha512: { preset: 60_000, min: 1, max: 2 ** 31 - 1 },
};
const MAX_SCRYPT_MEMORY = 2 ** 30;
const MAX_LENGTH = 4096;
const PENDING_PER_THREAD = 64;
/** A thread takes some 8 MB and starts faster than a password is hashed. */
const IDLE_TIMEOUT_MS = 20_000;

/** Threads run this file as it lies here: TypeScript in development, JavaScript when built. */
const EXTENSION = import.meta.url.slice(-3);
const WORKER = fileURLToPath(new URL(`./worker${EXTENSION}`, import.meta.url));

/**
 * Threads inherit no flags of the process (many, such as those of debuggers and `--eval`, do them no good), except
 * for those that load the TypeScript compiler where it is needed.
 */
function threadArguments(): string[] {
  if (EXTENSION !== '.ts') return [];
  const kept: string[] = [];
  process.execArgv.forEach((flag, index, flags) => {
    if (/^(--import|--require|--loader)=/.test(flag)) kept.push(flag);
    else if (/^(--import|--require|--loader|-r)$/.test(flag)) kept.push(flag, flags[index + 1] ?? '');
  });
  return kept;
}

/**
 * Nothing is started before the first password comes; idle threads end after 20 seconds and keep no process alive.
 *
 * @throws PasswordHashingConfigError
 */
export function createPasswordHashing(options: PasswordHashingOptions = {}): PasswordHashing {
  return new PooledHashing(options);
}

class PooledHashing implements PasswordHashing {
  readonly #cost: HashCost;
  readonly #limit: {
    readonly algorithm: PasswordAlgorithm;
    readonly maxLength: number;
    readonly strict: boolean;
  };
  readonly #threads: number;
  readonly #maxPending: number;
  #pool: Promise<Piscina<Task, string | boolean>> | null = null;
  readonly #pending = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: PasswordHashingOptions) {
    this.#cost = hashCost(options);
    this.#limit = {
      algorithm: this.#cost.algorithm,
      maxLength: options.maxLength ?? MAX_LENGTH,
      strict: options.strict ?? false,
    };
    this.#threads = options.threads ?? availableParallelism();
    this.#maxPending = options.maxPending ?? this.#threads * PENDING_PER_THREAD;
  }

  async hash(password: string): Promise<string> {
    const bytes = passwordBytes(password, this.#limit);
    const { algorithm } = this.#cost;
    if ((algorithm === 'sha512_crypt' || algorithm === 'bcrypt') && bytes.includes(0)) {
      throw new ValidationError({ attribute: 'string without NUL characters', target: 'password' });
    }
    return String(await this.#run({ kind: 'hash', password: bytes, cost: this.#cost }));
  }

  async verify(password: string | null, hash: string | null): Promise<boolean> {
    if (password === null || hash === null) return this.dummyVerify(password);
    const bytes = this.#bytes(password);
    if (bytes === null) return this.dummyVerify(null);
    return (await this.#run({ kind: 'verify', password: bytes, hash, cost: this.#cost })) === true;
  }

  async dummyVerify(password: string | null): Promise<false> {
    const bytes = this.#bytes(password ?? '') ?? Buffer.alloc(0);
    await this.#run({ kind: 'hash', password: bytes, cost: this.#cost });
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // The pool's own way of closing gives up tasks whose thread has not started yet.
    await Promise.allSettled(this.#pending);
    await (await this.#pool)?.destroy();
  }

  /** Null for a text that no hash can have been made of. */
  #bytes(password: string): Buffer | null {
    try {
      return passwordBytes(password, this.#limit);
    } catch (error) {
      if (error instanceof ValidationError) return null;
      throw error;
    }
  }

  async #run(task: Task): Promise<string | boolean> {
    if (this.#closed) throw new ServiceUnavailable('password hashing was shut down');
    if (this.#pending.size >= this.#maxPending) {
      throw new ServiceUnavailable(`${this.#pending.size} passwords are waiting to be hashed`);
    }
    this.#pool ??= createPool(this.#threads);
    const outcome = this.#pool.then((pool) => pool.run(task));
    this.#pending.add(outcome);
    try {
      return await outcome;
    } finally {
      this.#pending.delete(outcome);
    }
  }
}

async function createPool(threads: number): Promise<Piscina<Task, string | boolean>> {
  // Commands and processes that hash nothing do without.
  const { Piscina } = await import('piscina');
  const pool = new Piscina<Task, string | boolean>({
    filename: WORKER,
    execArgv: threadArguments(),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
  });
  // A thread that dies fails its own task, and is replaced: no reason to end the process.
  pool.on('error', (error: Error) =>
    getLogger('keystone.common.password_hashing').error(`a thread failed: ${error.message}`),
  );
  return pool;
}

function hashCost(options: PasswordHashingOptions): HashCost {
  const algorithm = options.algorithm ?? 'sha512_crypt';
  const { preset, min, max } = ROUNDS[algorithm];
  const cost = {
    algorithm,
    rounds: options.rounds ?? preset,
    blockSize: options.scryptBlockSize ?? 8,
    parallelism: options.scryptParallelism ?? 1,
    saltBytes: options.saltBytes ?? 16,
  };
  const option =
    algorithm === 'sha512_crypt' ? '[DEFAULT] crypt_strength' : '[identity] password_hash_rounds';
  check(option, cost.rounds, min, max, algorithm);
  if (algorithm === 'scrypt') {
    check('[identity] scrypt_block_size', cost.blockSize, 1, 2 ** 20, algorithm);
    check('[identity] scrypt_parallelism', cost.parallelism, 1, 2 ** 20, algorithm);
    if (memory(cost) > MAX_SCRYPT_MEMORY || cost.rounds >= 16 * cost.blockSize) {
      throw new PasswordHashingConfigError(
        '[identity] password_hash_rounds, scrypt_block_size and scrypt_parallelism: together they ask for more than 1 GiB',
      );
    }
  }
  check('[identity] salt_bytesize', cost.saltBytes, 0, 96, algorithm);
  return cost;
}

function check(option: string, value: number, min: number, max: number, algorithm: PasswordAlgorithm): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new PasswordHashingConfigError(`${option} = ${value}: ${algorithm} takes ${min} to ${max}`);
}
