/**
 * Where parts of the service say how to look at what they depend on: a cache, a directory. One registry per set of
 * services; the health document and the live diagnosis read it.
 */

/**
 * Looks whether something can be used. A look is shared by everybody who asks within a second, and given up after two
 * seconds.
 *
 * @returns a remark for operators (no secrets), or nothing
 * @throws Error that says why it cannot be used; its message is shown only with `[healthcheck] detailed`
 */
export type HealthCheck = () => Promise<string | void>;

/** What stands in the live diagnosis: numbers and short texts, never a secret, a name of a user or a key. */
export type StateOf = () => Readonly<Record<string, unknown>>;

export interface HealthCheckOptions {
  /**
   * Whether requests cannot be served without it (the default). What is not required shows as degraded and does not
   * take the process out of the load balancer: every process would go at once.
   */
  readonly required?: boolean;
}

export interface RegisteredCheck {
  readonly name: string;
  readonly required: boolean;
  readonly check: HealthCheck;
}

export class HealthChecks {
  readonly #checks = new Map<string, RegisteredCheck>();
  readonly #states = new Map<string, StateOf>();

  /**
   * @param name such as `cache` or `directory:DOMAIN_ID`; a second one of the same name replaces the first
   * @returns takes it back, for what comes and goes
   */
  register(name: string, check: HealthCheck, { required = true }: HealthCheckOptions = {}): () => void {
    const entry = { name, required, check };
    this.#checks.set(name, entry);
    return () => {
      if (this.#checks.get(name) === entry) this.#checks.delete(name);
    };
  }

  /** Tell the live diagnosis (`keystone-manage diagnose`, SIGUSR2) of a part's state. @returns takes it back */
  describe(name: string, state: StateOf): () => void {
    this.#states.set(name, state);
    return () => {
      if (this.#states.get(name) === state) this.#states.delete(name);
    };
  }

  /** In the order of registration. */
  checks(): readonly RegisteredCheck[] {
    return [...this.#checks.values()];
  }

  /** The state of every part; a part that fails to tell says why. */
  states(): Readonly<Record<string, unknown>> {
    const states: Record<string, unknown> = {};
    for (const [name, state] of this.#states) {
      try {
        states[name] = state();
      } catch (error) {
        states[name] = { error: error instanceof Error ? error.message : String(error) };
      }
    }
    return states;
  }
}
