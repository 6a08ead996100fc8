/**
 * What was read from the database, kept in memory for as long as nothing was committed to it since.
 *
 * Each look-up proves what is kept fresh: the database says whether anything was committed, by any process
 * (`Database.changeToken`). Where no such proof can be had, nothing is kept. See docs/adr/0003-fresh-tokens.md.
 */

import { LRUCache } from 'lru-cache';
import { isPromise, type MaybePromise } from '../../common/maybe_promise.js';

interface Kept<Value> {
  /** State of the database before the value was read. */
  readonly state: string;
  readonly value: Value;
}

export class FreshCache<Value extends object> {
  private readonly kept: LRUCache<string, Kept<Value>>;

  /**
   * @param state changes whenever something that the values rest on may have changed; undefined when nobody knows
   * @param max values kept at most
   * @param glance the state when it can be told without waiting, undefined otherwise
   */
  constructor(
    private readonly state: () => MaybePromise<string | undefined>,
    max: number,
    private readonly glance: () => string | undefined = () => undefined,
  ) {
    this.kept = new LRUCache({ max });
  }

  /**
   * The kept value, or what `read` says; errors are not kept.
   * @param isGood a last look at a kept value
   */
  get(
    key: string,
    read: () => Promise<Value>,
    isGood: (value: Value) => boolean = () => true,
  ): MaybePromise<Value> {
    const state = this.state();
    const go = (known: string | undefined): MaybePromise<Value> =>
      known === undefined ? read() : this.at(known, key, read, isGood);
    return isPromise(state) ? state.then(go) : go(state);
  }

  /** The kept value, when it is known to be fresh without waiting. */
  peek(key: string, isGood: (value: Value) => boolean): Value | undefined {
    const known = this.kept.get(key);
    return known !== undefined && known.state === this.glance() && isGood(known.value)
      ? known.value
      : undefined;
  }

  /**
   * As `get`, for whoever has asked for the state.
   * @param isSmall whether a value that was read may be kept
   */
  at(
    state: string,
    key: string,
    read: () => Promise<Value>,
    isGood: (value: Value) => boolean = () => true,
    isSmall: (value: Value) => boolean = () => true,
  ): MaybePromise<Value> {
    const known = this.kept.get(key);
    if (known !== undefined && known.state === state && isGood(known.value)) return known.value;
    return this.readAnew(state, key, read, isSmall);
  }

  private async readAnew(
    state: string,
    key: string,
    read: () => Promise<Value>,
    isSmall: (value: Value) => boolean,
  ): Promise<Value> {
    const value = await read();
    if (isSmall(value)) this.kept.set(key, { state, value });
    return value;
  }
}
