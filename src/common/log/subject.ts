/** On whose behalf the program is at work: the request that the present asynchronous call belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from '../context.js';
import type { LogSubject } from './types.js';

const current = new AsyncLocalStorage<RequestContext>();

/** Run `work` so that lines which it writes carry the request's id, and its caller as soon as that is known. */
export function runInRequest<T>(context: RequestContext, work: () => T): T {
  return current.run(context, work);
}

/** Null outside of a request, and in one that has no id (yet). */
export function currentSubject(): LogSubject | null {
  const context = current.getStore();
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
