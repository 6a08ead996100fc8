/** `[cache] backend_argument`: lines of `NAME:VALUE`. */
import { getLogger } from '../log/index.js';

const log = getLogger('keystone.common.cache');

/** Each name's last value. What has no colon is left out, as oslo.cache does; it may hold a secret and is not shown. */
export function backendArguments(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) found.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    else log.error('[cache] backend_argument: a value is not of the form NAME:VALUE and is left out');
  }
  return found;
}

/** Reads arguments and remembers which were asked for, to tell of the others. */
export class Arguments {
  readonly #values: ReadonlyMap<string, string>;
  readonly #asked = new Set<string>();

  constructor(
    lines: readonly string[],
    private readonly backend: string,
  ) {
    this.#values = backendArguments(lines);
  }

  text(name: string): string | undefined {
    this.#asked.add(name);
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }

  /** @throws Error naming the argument when it is no number of at least 0 */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new Error(`[cache] backend_argument = ${name}:${text}: a number is needed`);
  }

  flag(name: string): boolean {
    return /^(?:true|1|yes|on)$/i.test(this.text(name) ?? '');
  }

  /** @throws Error naming the argument when it is not there */
  required(name: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw new Error(`[cache] backend = ${this.backend} needs [cache] backend_argument = ${name}:VALUE`);
  }

  /** Names that mean something to the Python library only. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#asked.add(name);
  }

  /** Tell of arguments that nothing asked for. */
  noteUnknown(): void {
    const unknown = [...this.#values.keys()].filter((name) => !this.#asked.has(name));
    if (unknown.length === 0) return;
    log.warn(`[cache] backend_argument: ${unknown.join(', ')}: without effect with ${this.backend}`);
  }
}
