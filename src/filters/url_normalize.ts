/** One trailing slash less; an empty path becomes `/`. Source: Keystone's NormalizingFilter. */
import { defineFilter, type FilterFactory } from '../pipeline/index.js';

export function createFilter(): FilterFactory {
  return defineFilter({ options: {} }, () => (ctx, next) => {
    // Koa gives null for a target such as `foo://bar`, which is no path of ours.
    const path = ctx.path as string | null;
    if (path === '') ctx.path = '/';
    else if (path !== null && path.length > 1 && path.endsWith('/')) ctx.path = path.slice(0, -1);
    return next();
  });
}
