/**
 * On whose behalf the program is at work: the request that the present code belongs to.
 *
 * Code that waits is followed by Node's asynchronous context, which makes every promise of the process dearer while it
 * is in use. So a request is entered there only where it is about to wait; one that is answered at once is known by
 * the stretch of code that runs for it without a pause.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from '../context.js';
import type { LogSubject } from './types.js';

const current = new AsyncLocalStorage<RequestContext>();
/** Requests that are in the asynchronous context. */
let entered = 0;
/** The request of the code that runs now, as far as it runs without a pause. */
let stretch: RequestContext | null = null;

/** Run `work` so that lines which it writes carry the request's id, and its caller as soon as that is known. */
export function runInRequest<T>(context: RequestContext, work: () => Promise<T>): Promise<T> {
  if (current.getStore() === context) return work();
  const before = stretch;
  stretch = null;
  entered += 1;
  try {
    const done = current.run(context, work);
    done.then(leave, leave);
    return done;
  } catch (error) {
    leave();
    throw error;
  } finally {
    stretch = before;
  }
}

/** `runInRequest` for what does not wait, or enters the request by itself where it does. */
export function runBriefly<T>(context: RequestContext, work: () => T): T {
  const before = stretch;
  stretch = context;
  try {
    return work();
  } finally {
    stretch = before;
  }
}

/** While nobody is in it, the asynchronous context costs nothing. */
function leave(): void {
  entered -= 1;
  if (entered === 0) current.disable();
}

/** Null outside of a request, and in one that has no id (yet). */
export function currentSubject(): LogSubject | null {
  // A connection may still be in the context of a request that came over it before: the stretch counts first.
  const context = stretch ?? current.getStore();
  if (context === undefined || context.requestId === null) return null;
  const { auth, requestId } = context;
  const body = auth?.token?.body;
  return {
    requestId,
    userId: auth?.userId ?? null,
    projectId: auth?.projectId ?? null,
    domainId: auth?.domainId ?? null,
    userDomainId: body?.user.domain.id ?? null,
    projectDomainId: body?.project?.domain?.id ?? null,
  };
}
