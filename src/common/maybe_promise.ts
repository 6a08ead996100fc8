/** What is there at once in most cases: `await` takes both, and whoever looks first saves the wait. */
export type MaybePromise<T> = T | Promise<T>;

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}
