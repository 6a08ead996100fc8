/**
 * What was read from the database, kept in memory for as long as nothing was committed to it since.
 *
 * Each look-up proves what is kept fresh: the database says whether anything was committed, by any process
 * (`Database.changeToken`). Where no such proof can be had, nothing is kept. See docs/adr/0003-fresh-tokens.md.
 */

import { LRUCache } from 'lru-cache';
import { isPromise, type MaybePromise } from './maybe_promise.js';

/** How much is kept at most: so many values, or values of so many bytes together. */
export type Bounds<Value> =
  | { readonly max: number }
  | {
      readonly maxSize: number;
      /** About how many bytes a value takes together with its key. */
      readonly sizeOf: (value: Value, key: string) => number;
    };

export interface Hooks<Value> {
  /** The state when it can be told without waiting, undefined otherwise. */
  readonly glance?: () => string | undefined;
  /** Told when everything was forgotten because the state had changed. */
  readonly onChange?: () => void;
  /** Told of a value that was forgotten because of the bounds, or because another took its place. */
  readonly onForget?: (value: Value) => void;
}

export class FreshCache<Value extends object> {
  private readonly kept: LRUCache<string, Value>;
  /** The state of the database before each of the values was read. */
  private stateOfKept: string | undefined;

  /**
   * @param state  changes whenever something that the values rest on may have changed; undefined when nobody knows
   * @param bounds what goes beyond them is forgotten, beginning with what was not asked for the longest time
   */
  constructor(
    private readonly state: () => MaybePromise<string | undefined>,
    bounds: Bounds<Value>,
    private readonly hooks: Hooks<Value> = {},
  ) {
    const { onForget } = hooks;
    this.kept = new LRUCache<string, Value>({
      ...('max' in bounds ? bounds : { maxSize: bounds.maxSize, sizeCalculation: bounds.sizeOf }),
      ...(onForget !== undefined && {
        dispose: (value, _key, reason) => {
          if (reason !== 'delete') onForget(value);
        },
      }),
    });
  }

  /** The kept value, or what `read` says; errors are not kept. */
  get(key: string, read: () => Promise<Value>): MaybePromise<Value> {
    const state = this.state();
    const go = (known: string | undefined): MaybePromise<Value> =>
      known === undefined ? read() : this.at(known, key, read);
    return isPromise(state) ? state.then(go) : go(state);
  }

  /** The kept value, when it is known to be fresh without waiting. */
  peek(key: string, isGood: (value: Value) => boolean): Value | undefined {
    const known = this.kept.get(key);
    return known !== undefined && this.stateOfKept === this.hooks.glance?.() && isGood(known)
      ? known
      : undefined;
  }

  /**
   * As `get`, for whoever has asked for the state.
   * @param isGood a last look at a kept value
   * @param isSmall whether a value that was read may be kept
   */
  at(
    state: string,
    key: string,
    read: () => Promise<Value>,
    isGood: (value: Value) => boolean = () => true,
    isSmall: (value: Value) => boolean = () => true,
  ): MaybePromise<Value> {
    if (state !== this.stateOfKept) this.begin(state);
    const known = this.kept.get(key);
    return known !== undefined && isGood(known) ? known : this.readAnew(state, key, read, isSmall);
  }

  /** States do not come back: what was read in another one would never be used again. */
  private begin(state: string): void {
    this.stateOfKept = state;
    if (this.kept.size === 0) return;
    this.kept.clear();
    this.hooks.onChange?.();
  }

  private async readAnew(
    state: string,
    key: string,
    read: () => Promise<Value>,
    isSmall: (value: Value) => boolean,
  ): Promise<Value> {
    const value = await read();
    if (state === this.stateOfKept && isSmall(value)) this.kept.set(key, value);
    return value;
  }
}
