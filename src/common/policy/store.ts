/** The policy in force: built-in rules under those of the operator's files, read again when the files change. */
import { DEFAULT_RULES } from './defaults.js';
import { describeOrigin, PolicyError } from './errors.js';
import { Policy } from './policy.js';
import type { RemoteCheck } from './remote.js';
import { type FoundFile, findFiles, type PolicyFiles, readRules, signatureOf } from './source.js';

export type PolicyLog = (level: 'info' | 'warn' | 'error', message: string) => void;

export interface StoreOptions extends PolicyFiles {
  /** `[oslo_policy] policy_default_rule`. */
  readonly defaultRule?: string | undefined;
  /** Rules beneath the files'; by default Newton's. */
  readonly builtIn?: Readonly<Record<string, string>> | undefined;
  readonly remote?: RemoteCheck | undefined;
  readonly log?: PolicyLog | undefined;
  /**
   * Milliseconds between looks at the files, 500 by default; 0 never looks. A change counts once it has been the same
   * for two looks, so that a file that is still being written is not read.
   */
  readonly interval?: number | undefined;
}

/** The state for the health document. */
export interface PolicyStatus {
  /** 1 for the policy of the start, one more with every change put in force. */
  readonly generation: number;
  /** When the policy in force was read, ISO 8601. */
  readonly loadedAt: string;
  readonly files: readonly string[];
  /** How many rules there are, and how many of them come from files. */
  readonly rules: number;
  readonly overridden: number;
  /** Why the present files are not in force; null when they are. */
  readonly refused: { readonly at: string; readonly reason: string } | null;
}

interface Loaded {
  readonly policy: Policy;
  readonly files: readonly FoundFile[];
  readonly overridden: number;
  readonly at: Date;
}

/** Reads the files and watches them. Loads completely or not at all. */
export class PolicyStore {
  readonly #options: StoreOptions;
  readonly #log: PolicyLog;
  #loaded: Loaded;
  #generation = 1;
  /** State of the files that is in force, or was refused. */
  #settled: string;
  /** A newer state, seen once. */
  #pending: string | undefined;
  #refused: PolicyStatus['refused'] = null;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<boolean> | undefined;

  private constructor(options: StoreOptions, loaded: Loaded) {
    this.#options = options;
    this.#log = options.log ?? (() => undefined);
    this.#loaded = loaded;
    this.#settled = signatureOf(loaded.files);
    const { interval = 500 } = options;
    if (interval > 0) {
      this.#timer = setInterval(() => void this.#look(), interval);
      this.#timer.unref();
    }
  }

  /**
   * Read the policy.
   * @throws PolicyError when a file is missing, unreadable, neither JSON nor YAML, or holds a rule that cannot be
   *   understood; the message names file, line and rule
   */
  static async load(options: StoreOptions = {}): Promise<PolicyStore> {
    return new PolicyStore(options, await loadPolicy(options));
  }

  /** The compiled policy in force. Costs nothing; ask anew for every request. */
  current(): Policy {
    return this.#loaded.policy;
  }

  status(): PolicyStatus {
    const { policy, files, overridden, at } = this.#loaded;
    return {
      generation: this.#generation,
      loadedAt: at.toISOString(),
      files: files.map((file) => file.path),
      rules: policy.names().length,
      overridden,
      refused: this.#refused,
    };
  }

  /**
   * Put the files in force as they are now, without waiting for the next look.
   * @returns whether the policy changed; false also when the files were refused and the old rules stay
   */
  async refresh(): Promise<boolean> {
    await this.#running;
    return this.#run(() => this.#reload(true));
  }

  /** Stop watching. The last policy stays usable. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    // A look that takes longer than the interval is not overtaken.
    if (this.#running === undefined) await this.#run(() => this.#reload(false));
  }

  #run(work: () => Promise<boolean>): Promise<boolean> {
    const running = work().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  /** @param atOnce whether a change counts at its first sight */
  async #reload(atOnce: boolean): Promise<boolean> {
    const state = await this.#state();
    if (state === this.#settled) {
      this.#pending = undefined;
      return false;
    }
    if (!atOnce && state !== this.#pending) {
      this.#pending = state;
      return false;
    }
    this.#pending = undefined;
    this.#settled = state;
    return this.#replace();
  }

  /** The state of the files, or why it cannot be told. */
  async #state(): Promise<string> {
    try {
      return signatureOf(await findFiles(this.#options));
    } catch (error) {
      return messageOf(error);
    }
  }

  async #replace(): Promise<boolean> {
    try {
      this.#loaded = await loadPolicy(this.#options);
    } catch (error) {
      const reason = messageOf(error);
      this.#refused = { at: new Date().toISOString(), reason };
      this.#log('error', `The policy stays as it was: ${reason}`);
      return false;
    }
    this.#settled = signatureOf(this.#loaded.files);
    this.#refused = null;
    this.#generation += 1;
    this.#log('info', `The policy was read again (generation ${this.#generation})`);
    return true;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function loadPolicy(options: StoreOptions): Promise<Loaded> {
  const { builtIn = DEFAULT_RULES, defaultRule, remote, log } = options;
  const at = new Date();
  const files = await findFiles(options);
  const { rules, origins, notes } = await readRules(files);
  const policy = Policy.compile(
    { ...builtIn, ...rules },
    {
      origins,
      ...(defaultRule === undefined ? {} : { defaultRule }),
      ...(remote === undefined ? {} : { remote }),
    },
  );
  const problems = policy.problems.filter((problem) => problem.origin !== undefined);
  for (const { severity, message, rule, origin } of problems) {
    if (severity === 'error')
      throw new PolicyError(message, { rule, ...(origin === undefined ? {} : { origin }) });
  }
  for (const { message, rule, origin } of problems) {
    log?.('warn', `${describeOrigin(origin)}: policy rule '${rule}': ${message}`);
  }
  if (defaultRule !== undefined && policy.rule(defaultRule) === undefined) {
    log?.(
      'warn',
      `[oslo_policy] policy_default_rule: there is no rule '${defaultRule}'; unknown rules refuse`,
    );
  }
  for (const note of notes) log?.('warn', note);
  return { policy, files, overridden: origins.size, at };
}
