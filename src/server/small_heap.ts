/** How much garbage a process may pile up before it is collected. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * After a collection V8 lets a small heap grow to several times its size. This service keeps tens of megabytes and
 * makes much that lives for one request: a third more is enough, and costs no time that could be measured
 * (`npm run bench -- tokens`, resident memory). A V8 that does not know the flag passes over it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}

/**
 * Give back what only the start has used, before requests come: some megabytes that would otherwise stay scattered
 * among what lives for long. It takes a moment in which nothing else is done.
 */
export function collectStart(): void {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--compact-on-every-full-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  setFlagsFromString('--no-compact-on-every-full-gc');
  setFlagsFromString('--no-expose-gc');
}
