/**
 * What a request is about, as policy rules see it: `%(NAME)s` takes a value from here.
 *
 * The values come from four sources that never mix. Only the service itself fills `target.…`; what the client sends
 * cannot reach that name, and cannot reach the credentials, which are another argument of every decision.
 *
 * | name in a rule      | source                                                            |
 * |---------------------|-------------------------------------------------------------------|
 * | `target.user.x`     | the entity that the service loaded, `member.user`                 |
 * | `user_id`           | a variable of the route's path                                    |
 * | `scope.project.id`  | a query parameter that the route declares as a filter             |
 * | `user.domain_id`    | an object of the request body, here `{"user": {"domain_id": …}}`  |
 */
import { isPlainObject } from './py_value.js';

/** A name in a rule, split at its dots once, when the rule is compiled. */
export interface TargetKey {
  readonly name: string;
  readonly segments: readonly string[];
}

/** The values that `%(NAME)s` can take. */
export interface Target {
  /** The value, null included; undefined when there is none, and then the check fails. */
  lookup(key: TargetKey): unknown;
  /** All names and values, for checks that another server decides and for explanations. */
  entries(): Iterable<readonly [string, unknown]>;
}

/** Where the values of a request come from. */
export interface TargetSources {
  /** Variables of the route's path, by name. */
  readonly path?: Readonly<Record<string, unknown>>;
  /** Values of the query parameters that the route declares as filters, by their names, dots included. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** The request body. Objects in it are visible, values at its top level and `target` are not. */
  readonly body?: Readonly<Record<string, unknown>> | null;
  /** Entities that the service loaded, by kind: `{ user: { id, domain_id, … } }`. */
  readonly member?: Readonly<Record<string, unknown>>;
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The target of a request. Path before query before body where they share a name; `target.…` from `member` alone.
 *
 * Keys that hold a dot are ignored in bodies and entities: `{"user.domain_id": …}` does not pass for a nested value.
 */
export function buildTarget(sources: TargetSources): Target {
  return new RequestTarget(sources);
}

/**
 * A target from a flat mapping of dotted names, as oslo.policy takes it. Nothing is nested or hidden.
 */
export function flatTarget(values: Readonly<Record<string, unknown>>): Target {
  return new FlatTarget(values);
}

/**
 * Nested objects to dotted names: `{a: {b: 1}}` to `{'a.b': 1}`. Lists and scalars are values; empty objects vanish.
 */
export function flatten(nested: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [name, value] of walk(nested, prefix, false)) define(flat, name, value);
  return flat;
}

class FlatTarget implements Target {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  lookup(key: TargetKey): unknown {
    return Object.hasOwn(this.#values, key.name) ? this.#values[key.name] : undefined;
  }

  entries(): Iterable<readonly [string, unknown]> {
    return Object.entries(this.#values).filter(([, value]) => value !== undefined);
  }
}

class RequestTarget implements Target {
  readonly #path: Readonly<Record<string, unknown>>;
  readonly #query: Readonly<Record<string, unknown>>;
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #member: Readonly<Record<string, unknown>>;

  constructor(sources: TargetSources) {
    this.#path = sources.path ?? NOTHING;
    this.#query = sources.query ?? NOTHING;
    this.#body = sources.body ?? NOTHING;
    this.#member = sources.member ?? NOTHING;
  }

  lookup(key: TargetKey): unknown {
    const { name, segments } = key;
    if (segments[0] === 'target') return segments.length > 2 ? descend(this.#member, segments, 1) : undefined;
    if (Object.hasOwn(this.#path, name)) return this.#path[name];
    if (Object.hasOwn(this.#query, name)) return this.#query[name];
    return segments.length > 1 ? descend(this.#body, segments, 0) : undefined;
  }

  *entries(): Iterable<readonly [string, unknown]> {
    const seen = new Set<string>();
    for (const layer of [this.#path, this.#query]) {
      for (const [name, value] of Object.entries(layer)) {
        if (isReserved(name) || value === undefined || seen.has(name)) continue;
        seen.add(name);
        yield [name, value];
      }
    }
    for (const [name, value] of Object.entries(this.#body)) {
      if (name.includes('.') || isReserved(name) || !isPlainObject(value)) continue;
      for (const entry of walk(value, name, true)) if (!seen.has(entry[0])) yield entry;
    }
    for (const [name, value] of Object.entries(this.#member)) {
      if (!name.includes('.') && isPlainObject(value)) yield* walk(value, `target.${name}`, true);
    }
  }
}

function isReserved(name: string): boolean {
  return name === 'target' || name.startsWith('target.');
}

/** The value at a path of own keys; objects are no values, as flattening dissolves them. */
function descend(
  root: Readonly<Record<string, unknown>>,
  segments: readonly string[],
  from: number,
): unknown {
  let value: unknown = root;
  for (let index = from; index < segments.length; index += 1) {
    const segment = segments[index] as string;
    if (!isPlainObject(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return isPlainObject(value) ? undefined : value;
}

function* walk(
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  plainNames: boolean,
): Iterable<readonly [string, unknown]> {
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || (plainNames && key.includes('.'))) continue;
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isPlainObject(item)) yield* walk(item, name, plainNames);
    else yield [name, item];
  }
}

/** Also for `__proto__`, which a plain assignment would take for something else. */
function define(into: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}
