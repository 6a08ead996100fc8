/**
 * Authentication methods by npm package: `[auth] <method> = PACKAGE`. The package says in its package.json what it
 * offers: `"keystone": { "auth": { "<method>": "./index.js:createMethod" } }`.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CreateAuthMethod } from './auth_method.js';

const PACKAGE_NAME = /^(?:@[\w.-]+\/)?[\w-][\w.-]*$/;

/**
 * The plugin that an installed package offers for a method.
 * @param folders where packages may be installed: the nearest `node_modules` from each of them upwards, in order
 * @returns null when no such package is installed
 * @throws Error saying what is wrong with the package
 */
export async function packagePlugin(
  method: string,
  packageName: string,
  folders: readonly string[],
): Promise<CreateAuthMethod | null> {
  const manifest = PACKAGE_NAME.test(packageName) ? findManifest(packageName, folders) : null;
  if (manifest === null) return null;
  const target = offerOf(JSON.parse(await readFile(manifest, 'utf8')), method);
  const fail = (what: string): never => {
    throw new Error(`[auth] ${method} = ${packageName}: ${what} (${manifest})`);
  };
  if (target === null)
    return fail(`its package.json offers no authentication method ${method} under keystone.auth`);
  const [, file = '', name = 'createMethod'] = /^(.+?)(?::(\w+))?$/.exec(target) ?? [];
  const module = resolve(dirname(manifest), file);
  if (relative(dirname(manifest), module).startsWith('..'))
    return fail(`${file} lies outside of the package`);
  const exported: unknown = ((await import(pathToFileURL(module).href)) as Record<string, unknown>)[name];
  if (typeof exported !== 'function') return fail(`${file} has no function ${name}`);
  return exported as CreateAuthMethod;
}

function findManifest(packageName: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    const paths = createRequire(join(folder, 'package.json')).resolve.paths(packageName) ?? [];
    for (const path of paths) {
      try {
        return createRequire(join(folder, 'package.json')).resolve(join(path, packageName, 'package.json'));
      } catch {
        // It is not installed there.
      }
    }
  }
  return null;
}

function offerOf(manifest: unknown, method: string): string | null {
  const offers = own(own(manifest, 'keystone'), 'auth');
  const target = own(offers, method);
  return typeof target === 'string' ? target : null;
}

function own(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
