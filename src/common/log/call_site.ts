/** Where in the program a line is written: `%(funcName)s`, `%(pathname)s` and their kin. */
import type { CallSite } from './types.js';

/** A frame of V8's stacks: `    at Class.name (file:///path.js:1:2)`, the part with the name left out at top level. */
const FRAME = /^\s*at (?:(?:async )?(.+?) \()?(?:file:\/\/)?([^(]+?):(\d+):\d+\)?$/;

/**
 * The place that called the caller, so many calls above it; null when it cannot be told.
 *
 * @param above 0: the place of the caller itself
 */
export function callSite(above: number): CallSite | null {
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = above + 1;
  Error.captureStackTrace(holder, callSite);
  Error.stackTraceLimit = stackTraceLimit;
  const [, name, path, line] = FRAME.exec(holder.stack?.split('\n')[above + 1] ?? '') ?? [];
  if (path === undefined) return null;
  const functionName = name?.replace(/ \[as .*\]$/, '').replace(/^(?:new )?.*\./, '');
  return { functionName: functionName ?? '<module>', path, line: Number(line) };
}
