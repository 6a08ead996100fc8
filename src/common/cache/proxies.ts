/**
 * What stands between the service and the cache. Source: `[cache] proxies`; there it names Python classes, here npm
 * packages (`"keystone": { "cache": { "proxy": "./file.js:createProxy" } }`) and modules (`./file.js:createProxy`).
 */
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageExport } from '../package_export.js';
import { misfit, type ShapeOf } from '../shape.js';
import type { CacheBackend, CacheProxy } from './types.js';

const OPTION = '[cache] proxies';
const DEFAULT_FUNCTION = 'createProxy';
const MODULE = /^(\.{0,2}\/.+?\.(?:js|mjs|cjs|ts))(?::(\w+))?$/;
const BACKEND_SHAPE: ShapeOf<CacheBackend> = {
  get: 'method',
  set: 'method',
  delete: 'method',
  ping: 'method',
  states: 'method',
  close: 'method',
};
const PYTHON_CLASS = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;

/**
 * The backend behind all proxies; the first of the list is asked last, as with dogpile.cache, which wraps in order.
 * @param folders where packages may be installed; the first is also what relative paths are relative to
 * @throws Error naming option and entry when a proxy cannot be had
 */
export async function behindProxies(
  backend: CacheBackend,
  proxies: readonly string[],
  folders: readonly string[],
): Promise<CacheBackend> {
  let outermost = backend;
  for (const entry of proxies) outermost = whole(entry, await (await load(entry, folders))(outermost));
  return outermost;
}

/** @throws Error naming the proxy and what is missing in the backend that it has made */
function whole(entry: string, made: CacheBackend): CacheBackend {
  const problem = misfit(made, BACKEND_SHAPE);
  if (problem === null) return made;
  throw new Error(`${OPTION} = ${entry}: what it returns is no backend: ${problem}`);
}

async function load(entry: string, folders: readonly string[]): Promise<CacheProxy> {
  const [, file, name = DEFAULT_FUNCTION] = MODULE.exec(entry) ?? [];
  if (file !== undefined) return loadModule(entry, file, name, folders[0] ?? process.cwd());
  const offered = await packageExport(
    {
      option: OPTION,
      packageName: entry,
      kind: 'cache',
      name: 'proxy',
      what: 'proxy of the cache',
      defaultFunction: DEFAULT_FUNCTION,
    },
    folders,
  );
  if (offered !== null) return offered as CacheProxy;
  const what = PYTHON_CLASS.test(entry)
    ? 'a class of Python cannot be used here'
    : 'there is no npm package of this name';
  throw new Error(
    `${OPTION} = ${entry}: ${what}; name an npm package that offers keystone.cache.proxy, or a module as ./file.js:createProxy`,
  );
}

async function loadModule(entry: string, file: string, name: string, folder: string): Promise<CacheProxy> {
  const path = isAbsolute(file) ? file : resolve(folder, file);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new Error(`${OPTION} = ${entry}: ${(error as Error).message}`, { cause: error });
  }
  const proxy = module[name];
  if (typeof proxy !== 'function') throw new Error(`${OPTION} = ${entry}: ${path} has no function ${name}`);
  return proxy as CacheProxy;
}
