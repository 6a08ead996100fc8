import { closeSync, fstatSync, openSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fail, reasonOf, type Site } from './errors.js';

const othersMayWrite = 0o002;

/**
 * Refuse what any user of the machine could have written: the file or its folder is writable for everybody.
 *
 * @throws PipelineError of kind unsafe-permissions
 */
function refuseShared(what: string, file: string, stats: Stats, site: Site): void {
  // Windows has no such bits: it reports every file as writable for everybody.
  if (process.platform === 'win32') return;
  if ((stats.mode & othersMayWrite) !== 0) {
    fail('unsafe-permissions', `${what} ${file} is writable for everybody: chmod o-w it`, site, {
      name: file,
    });
  }
  const folder = dirname(realpathSync(file));
  if ((statSync(folder).mode & othersMayWrite) !== 0) {
    fail(
      'unsafe-permissions',
      `the folder ${folder} of ${what} ${file} is writable for everybody: chmod o-w it`,
      site,
      {
        name: folder,
      },
    );
  }
}

/**
 * Read a configuration file, once it is sure that not everybody may write it.
 *
 * @throws PipelineError when the file is missing, unreadable, not UTF-8, or writable for everybody
 */
export function readTrusted(file: string, site: Site): string {
  let bytes: Buffer;
  let descriptor: number | undefined;
  try {
    // One descriptor for both, so that what was checked is what is read.
    descriptor = openSync(file, 'r');
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) fail('unreadable-file', `${file} is not a file`, site, { name: file });
    refuseShared('the file', file, stats, site);
    bytes = readFileSync(descriptor);
  } catch (error) {
    if (isMissing(error)) fail('no-file', `there is no file ${file}`, site, { name: file, cause: error });
    if (isSystemError(error))
      fail('unreadable-file', `${file} cannot be read: ${error.message}`, site, { name: file, cause: error });
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    return fail('encoding', `${file} is not UTF-8: ${reasonOf(error)}`, site, { name: file, cause: error });
  }
}

/** Refuse a module that everybody may write. */
export function refuseSharedModule(file: string, site: Site): void {
  refuseShared('the module', file, statSync(file), site);
}

/** Does the file, links followed, lie in the folder or below it? */
export function liesWithin(file: string, folder: string): boolean {
  let root: string;
  try {
    root = realpathSync(resolve(folder));
  } catch {
    return false;
  }
  return realpathSync(file).startsWith(root.endsWith(sep) ? root : root + sep);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/** Was it thrown because a file is not there? */
export function isMissing(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
