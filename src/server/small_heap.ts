/** How much garbage a process may pile up before it is collected. */
import { setFlagsFromString } from 'node:v8';

/**
 * After a collection V8 lets a small heap grow to several times its size. This service keeps tens of megabytes and
 * makes much that lives for one request: a third more is enough, and costs no time that could be measured
 * (`npm run bench -- tokens`, resident memory). A V8 that does not know the flag passes over it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}
