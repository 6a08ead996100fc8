/** Debian's Python programs, which tests run as clients and as the original to compare with. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram } from '../services/processes.js';

/** The system's own Python comes first: what is installed as packages of the system belongs to it. */
const PYTHONS = ['/usr/bin/python3', findProgram('python3')];

/** The Python that can import all of the modules; null when there is none. */
export function findPython(modules: readonly string[]): string | null {
  const works = (python: string): boolean => {
    try {
      execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  return PYTHONS.find((python) => python !== null && existsSync(python) && works(python)) ?? null;
}

/**
 * What a test needs, or null after the caller's tests were skipped because it is not installed; with
 * `REQUIRE_SERVICES=1` its absence is a failure.
 * @param context `this` of the mocha hook
 * @param found what was found, or null
 * @param missing what to install, in words
 */
export function needed<T>(context: Mocha.Context, found: T | null, missing: string): T {
  if (found !== null) return found;
  if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
  return context.skip();
}
