/**
 * Calls `late` after so many milliseconds, unless it is cancelled. What has arrived by then, but waits to be read because
 * this process was busy, is read before.
 * @returns cancels it
 */
export function onceLate(milliseconds: number, late: () => void): () => void {
  let last: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (last = setImmediate(late)), milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
}
