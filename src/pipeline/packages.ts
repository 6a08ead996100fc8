import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf } from './errors.js';

/** An installed npm package. */
export interface InstalledPackage {
  readonly name: string;
  /** Its folder, links followed. */
  readonly root: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Names that npm accepts; anything else could climb out of node_modules. */
const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;

/**
 * Find an installed package as Node would from any of the given folders: `node_modules` of the folder and of those
 * above it, or the package that the folder itself belongs to.
 *
 * @throws Error when the package is there but its package.json cannot be read
 */
export function findPackage(name: string, folders: readonly string[]): InstalledPackage | undefined {
  if (!packageName.test(name)) return undefined;
  for (const folder of folders) {
    for (let at = folder; ; at = dirname(at)) {
      const own = readManifest(join(at, 'package.json'));
      if (own?.['name'] === name) return { name, root: realpathSync(at), manifest: own };
      const root = join(at, 'node_modules', name);
      const manifest = readManifest(join(root, 'package.json'));
      if (manifest !== undefined) return { name, root: realpathSync(root), manifest };
      if (dirname(at) === at) break;
    }
  }
  return undefined;
}

function readManifest(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  return isRecord(parsed) ? parsed : undefined;
}

/** Entry points of a package: the `paste` map of its package.json, `{PROTOCOL: {NAME: "./file.js:export"}}`. */
export function entryPoints(
  found: InstalledPackage,
): ReadonlyMap<string, ReadonlyMap<string, string>> | undefined {
  const map = found.manifest['paste'];
  if (!isRecord(map)) return undefined;
  const groups = new Map<string, Map<string, string>>();
  for (const [protocol, names] of Object.entries(map)) {
    if (!isRecord(names)) continue;
    const specs = Object.entries(names).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    groups.set(protocol, new Map(specs));
  }
  return groups;
}

/**
 * The file behind `PACKAGE` or `PACKAGE/PATH`: what `exports` says for import, else `main`, else index.js.
 *
 * @param path '' or what follows the package's name, without the slash
 * @returns undefined when the package does not offer that path
 */
export function packageFile(found: InstalledPackage, path: string): string | undefined {
  const exported = found.manifest['exports'];
  if (exported !== undefined) {
    const target = exportTarget(exported, path === '' ? '.' : `./${path}`);
    return target === undefined ? undefined : join(found.root, target);
  }
  if (path !== '') return join(found.root, path);
  const main = found.manifest['main'];
  return join(found.root, typeof main === 'string' ? main : 'index.js');
}

function exportTarget(exported: unknown, path: string): string | undefined {
  if (typeof exported === 'string') return path === '.' ? exported : undefined;
  if (!isRecord(exported)) return undefined;
  const bySubpath = Object.keys(exported).some((key) => key.startsWith('.'));
  if (!bySubpath) return path === '.' ? conditionTarget(exported) : undefined;
  return conditionTarget(exported[path]);
}

function conditionTarget(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (!isRecord(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (condition !== 'node' && condition !== 'import' && condition !== 'default') continue;
    const found = conditionTarget(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
