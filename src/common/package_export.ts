/**
 * Drivers and plugins from npm packages, named in keystone.conf. A package says in its package.json what it offers:
 * `"keystone": { "<kind>": { "<name>": "./file.js:function" } }`.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface WantedExport {
  /** The option that names the package, as `[section] option`. */
  readonly option: string;
  readonly packageName: string;
  /** Key under `keystone` in package.json: `auth`, `identity`. */
  readonly kind: string;
  /** Key under the kind. */
  readonly name: string;
  /** What is wanted, for messages: `authentication method totp`. */
  readonly what: string;
  /** Name of the function where package.json gives only a file. */
  readonly defaultFunction: string;
}

const PACKAGE_NAME = /^(?:@[\w.-]+\/)?[\w-][\w.-]*$/;

/**
 * The function that an installed package offers.
 * @param folders where packages may be installed: the nearest `node_modules` from each of them upwards, in order
 * @returns null when no such package is installed
 * @throws Error saying what is wrong with the package
 */
export async function packageExport(
  wanted: WantedExport,
  folders: readonly string[],
): Promise<((...args: never[]) => unknown) | null> {
  const { option, packageName, kind, what, defaultFunction } = wanted;
  const manifest = manifestOf(packageName, folders);
  if (manifest === null) return null;
  const target = await offerIn(manifest, wanted);
  const fail = (problem: string): never => {
    throw new Error(`${option} = ${packageName}: ${problem} (${manifest})`);
  };
  if (typeof target !== 'string') return fail(`its package.json offers no ${what} under keystone.${kind}`);
  const [, file = '', exportName = defaultFunction] = /^(.+?)(?::(\w+))?$/.exec(target) ?? [];
  const module = resolve(dirname(manifest), file);
  if (relative(dirname(manifest), module).startsWith('..')) {
    return fail(`${file} lies outside of the package`);
  }
  const exported: unknown = own((await import(pathToFileURL(module).href)) as object, exportName);
  if (typeof exported !== 'function') return fail(`${file} has no function ${exportName}`);
  return exported as (...args: never[]) => unknown;
}

/**
 * Path of the package.json of the installed package that offers what is wanted; null when there is none.
 * @param folders as for `packageExport`
 */
export async function offeringManifest(
  wanted: Pick<WantedExport, 'packageName' | 'kind' | 'name'>,
  folders: readonly string[],
): Promise<string | null> {
  const manifest = manifestOf(wanted.packageName, folders);
  return manifest !== null && (await offerIn(manifest, wanted)) !== undefined ? manifest : null;
}

async function offerIn(
  manifest: string,
  { kind, name }: Pick<WantedExport, 'kind' | 'name'>,
): Promise<unknown> {
  return own(own(own(JSON.parse(await readFile(manifest, 'utf8')), 'keystone'), kind), name);
}

function manifestOf(packageName: string, folders: readonly string[]): string | null {
  return PACKAGE_NAME.test(packageName) ? findManifest(packageName, folders) : null;
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

function own(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
