import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ObjectType, type Protocol, protocolGroups, type Reference } from './context.js';
import { fail, reasonOf, type Site } from './errors.js';
import { entryPoints, findPackage, type InstalledPackage, packageFile } from './packages.js';
import { normalisedSpec, type Registry } from './registry.js';
import { nearest } from './suggest.js';
import { isMissing, liesWithin, refuseSharedModule } from './trust.js';

/** What `allowedModules` may hold besides folders and names of packages. */
const ownFolder = '.';
const declaringPackages = '@paste';

/** Modules of the folder that the paste file is in, and of installed packages that declare a `paste` map. */
export const defaultAllowedModules: readonly string[] = [ownFolder, declaringPackages];

/** Turns names of code into places of code, without executing any of it. */
export interface Resolver {
  /**
   * The entry point NAME of `egg:DISTRIBUTION#NAME` for something of the type.
   *
   * @param folder the folder of the file that says so
   * @throws PipelineError no-distribution, no-entry-point, ambiguous-entry-point, no-module, not-allowed
   */
  egg(objectType: ObjectType, distribution: string, name: string, folder: string, site: Site): EggReference;
  /** The code behind `paste.*_factory = SPEC`. */
  object(spec: string, folder: string, site: Site): Reference;
  /** The code behind `call:SPEC`. */
  call(spec: string, folder: string, site: Site): Reference;
  /** `require = DISTRIBUTION`: stop unless it is there. */
  require(distribution: string, folder: string, site: Site): void;
  /** Import the module and take the export. Nothing is called. */
  load(reference: Reference, site: Site): Promise<unknown>;
}

export interface EggReference {
  readonly protocol: Protocol;
  readonly reference: Reference;
}

/**
 * @param registry built-in names; they win over packages of the same name and are always allowed
 * @param allowedModules folders (beginning with `.` or `/`), names of packages, `@paste`
 */
export function createResolver(registry: Registry, allowedModules: readonly string[]): Resolver {
  const folders = allowedModules.filter((entry) => entry.startsWith('.') || entry.startsWith('/'));
  const packages = new Set(allowedModules.filter((entry) => !folders.includes(entry)));

  const installed = (name: string, folder: string, site: Site): InstalledPackage | undefined => {
    try {
      return findPackage(name, [resolve(folder), import.meta.dirname]);
    } catch (error) {
      return fail('no-module', reasonOf(error), site, { name, cause: error });
    }
  };

  const modulePath = (file: string, label: string, site: Site): string => {
    try {
      if (statSync(file).isFile()) return realpathSync(file);
    } catch (error) {
      if (!isMissing(error))
        fail('no-module', `${file} cannot be read: ${reasonOf(error)}`, site, { name: label, cause: error });
    }
    return fail('no-module', `'${label}': there is no module ${file}`, site, {
      name: label,
      nearest: neighbour(file),
    });
  };

  const fileReference = (spec: string, folder: string, site: Site): Reference => {
    const { path, attributes } = splitSpec(spec);
    const module = modulePath(resolve(folder, path), spec, site);
    if (!folders.some((allowed) => liesWithin(module, resolve(folder, allowed)))) {
      fail(
        'not-allowed',
        `'${spec}': modules of ${dirname(module)} are not allowed (allowed_modules)`,
        site,
        { name: spec },
      );
    }
    refuseSharedModule(module, site);
    return { from: 'module', label: spec, module, attributes };
  };

  const packageReference = (
    found: InstalledPackage,
    file: string,
    attributes: readonly string[],
    label: string,
    site: Site,
  ): Reference => {
    const declares = packages.has(declaringPackages) && entryPoints(found) !== undefined;
    if (!declares && !packages.has(found.name)) {
      fail(
        'not-allowed',
        `'${label}': the package ${found.name} is not allowed (allowed_modules), nor does its package.json declare a paste map`,
        site,
        { name: label },
      );
    }
    const module = modulePath(file, label, site);
    if (!liesWithin(module, found.root)) {
      fail('not-allowed', `'${label}': ${module} lies outside of the package ${found.name}`, site, {
        name: label,
      });
    }
    refuseSharedModule(module, site);
    return { from: 'module', label, module, attributes };
  };

  const eggOfPackage = (
    objectType: ObjectType,
    found: InstalledPackage,
    name: string,
    site: Site,
  ): EggReference => {
    const groups = entryPoints(found);
    const label = `egg:${found.name}#${name}`;
    const matches = protocolGroups[objectType].flatMap((group) => {
      const protocol = group.find((candidate) => groups?.get(candidate)?.has(name) === true);
      return protocol === undefined ? [] : [protocol];
    });
    const [protocol] = matches;
    if (matches.length > 1)
      fail('ambiguous-entry-point', `${label} is ${matches.join(' and ')} at once`, site, { name });
    const spec = protocol === undefined ? undefined : groups?.get(protocol)?.get(name);
    if (protocol === undefined || spec === undefined) {
      const names = protocolGroups[objectType]
        .flat()
        .flatMap((candidate) => [...(groups?.get(candidate)?.keys() ?? [])]);
      failEntry(objectType, found.name, name, names, site);
    }
    const { path, attributes } = splitSpec(spec);
    return {
      protocol,
      reference: packageReference(found, resolve(found.root, path), attributes, label, site),
    };
  };

  const namedObject = (spec: string, folder: string, site: Site): Reference => {
    const entry = registry.object(spec);
    if (entry !== undefined) return { from: 'registry', label: spec, entry, module: entry.module };
    if (isPath(spec)) return fileReference(spec, folder, site);

    const { path, attributes } = splitSpec(spec);
    const [, name = path, inner = ''] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(path) ?? [];
    const found = installed(name, folder, site);
    if (found !== undefined) {
      const file = packageFile(found, inner);
      if (file === undefined)
        fail(
          'no-module',
          `'${spec}': the package ${name} does not export ${inner === '' ? 'a main module' : inner}`,
          site,
          { name: spec },
        );
      return packageReference(found, file, attributes, spec, site);
    }
    // A known module with another attribute is a slip in the attribute, which is worth telling apart.
    const siblings = registry.objects().filter((known) => known.startsWith(`${path}:`));
    if (siblings.length > 0) {
      fail('no-attribute', `the module ${path} has no '${attributes.join('.')}'`, site, {
        name: spec,
        nearest: nearest(spec, siblings),
      });
    }
    if (normalisedSpec(spec) === undefined) {
      fail('no-attribute', `'${spec}' is not of the form module:attribute`, site, { name: spec });
    }
    return fail('no-module', `no module '${path}' is built in or installed`, site, {
      name: spec,
      nearest: nearest(spec, registry.objects()),
    });
  };

  return {
    egg(objectType, distribution, name, folder, site) {
      if (distribution === '') fail('value-error', `'egg:#${name}' names no package`, site, { name });
      if (!registry.has(distribution)) {
        const found = installed(distribution, folder, site);
        if (found === undefined) failDistribution(registry, distribution, site);
        return eggOfPackage(objectType, found, name, site);
      }
      const entries = registry.entries(distribution, name);
      const matches = protocolGroups[objectType].flatMap((group) => {
        const protocol = group.find((candidate) => entries.has(candidate));
        const entry = protocol === undefined ? undefined : entries.get(protocol);
        return protocol === undefined || entry === undefined ? [] : [{ protocol, entry }];
      });
      const [match] = matches;
      if (match === undefined) {
        failEntry(
          objectType,
          distribution,
          name,
          registry.names(distribution, protocolGroups[objectType].flat()),
          site,
        );
      }
      if (matches.length > 1) {
        const found = matches.map((each) => each.protocol).join(' and ');
        fail('ambiguous-entry-point', `egg:${distribution}#${name} is ${found} at once`, site, { name });
      }
      const { protocol, entry } = match;
      return {
        protocol,
        reference: { from: 'registry', label: `egg:${distribution}#${name}`, entry, module: entry.module },
      };
    },

    object: namedObject,

    call(spec, folder, site) {
      const { attributes } = splitSpec(spec);
      if (!spec.includes(':')) {
        fail('bad-call-spec', `'call:${spec}' is not of the form call:module:function`, site, { name: spec });
      }
      // PasteDeploy promises dotted names here but takes the whole text for one name; a file that relies on either
      // does not run there, and must not come to mean something here.
      if (attributes.length !== 1) {
        fail('no-attribute', `'call:${spec}' must name one export, without dots`, site, { name: spec });
      }
      if (!isPath(spec) && spec.indexOf(':') !== spec.lastIndexOf(':')) {
        fail('value-error', `'call:${spec}' names more than a module and a function`, site, { name: spec });
      }
      // The blanks and extras of entry points have no meaning here.
      if (!isPath(spec) && registry.object(spec) !== undefined && normalisedSpec(spec) !== spec) {
        fail(
          'no-module',
          `no module '${spec.slice(0, spec.lastIndexOf(':'))}' is built in or installed`,
          site,
          {
            name: spec,
            nearest: normalisedSpec(spec),
          },
        );
      }
      return { ...namedObject(spec, folder, site), label: `call:${spec}` };
    },

    require(distribution, folder, site) {
      if (!registry.has(distribution) && installed(distribution, folder, site) === undefined) {
        failDistribution(registry, distribution, site);
      }
    },

    async load(reference, site) {
      try {
        return reference.from === 'registry'
          ? await reference.entry.load()
          : await importModule(reference.module, reference.attributes);
      } catch (error) {
        if (error instanceof MissingExport) {
          fail(
            'no-attribute',
            `'${reference.label}': ${reference.module} exports no '${error.wanted}'`,
            site,
            {
              name: reference.label,
              nearest: nearest(error.wanted, error.offered),
            },
          );
        }
        return fail(
          'no-module',
          `'${reference.label}' cannot be loaded from ${reference.module}: ${reasonOf(error)}`,
          site,
          {
            name: reference.label,
            cause: error,
          },
        );
      }
    },
  };
}

/** `./x.js`, `../x.js`, `/x.js`: a file, while anything else names a package or a built-in module. */
function isPath(spec: string): boolean {
  return spec.startsWith('./') || spec.startsWith('../') || spec.startsWith('/');
}

/** The module and the export of `module:export.property`. Without an export, the default one is meant. */
function splitSpec(spec: string): { path: string; attributes: string[] } {
  const at = spec.lastIndexOf(':');
  if (at < 0) return { path: spec.trim(), attributes: ['default'] };
  const attributes = spec
    .slice(at + 1)
    .split('.')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return { path: spec.slice(0, at).trim(), attributes: attributes.length === 0 ? ['default'] : attributes };
}

class MissingExport extends Error {
  constructor(
    readonly wanted: string,
    readonly offered: readonly string[],
  ) {
    super(wanted);
  }
}

/** The state of each imported file, and the address under which that state was imported. */
const imported = new Map<string, { stamp: string; href: string }>();

async function importModule(file: string, attributes: readonly string[]): Promise<unknown> {
  const stats = statSync(file);
  const stamp = `${stats.mtimeMs}-${stats.size}`;
  const known = imported.get(file);
  const href = pathToFileURL(file).href;
  // Node keeps what it imported for ever: a module that has changed since needs another address.
  const address =
    known === undefined ? href : known.stamp === stamp ? known.href : `${href}?changed=${stamp}`;
  const namespace: unknown = await import(address);
  imported.set(file, { stamp, href: address });

  let value = namespace;
  for (const [depth, attribute] of attributes.entries()) {
    let next = propertyOf(value, attribute);
    // What CommonJS modules export may only be visible through their default.
    if (next === undefined && depth === 0) next = propertyOf(propertyOf(value, 'default'), attribute);
    if (next === undefined)
      throw new MissingExport(attributes.slice(0, depth + 1).join('.'), Object.keys(Object(value)));
    value = next;
  }
  return value;
}

function propertyOf(value: unknown, name: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  return (value as Record<string, unknown>)[name];
}

function neighbour(file: string): string | undefined {
  try {
    return nearest(basename(file), readdirSync(dirname(file)));
  } catch {
    return undefined;
  }
}

function failDistribution(registry: Registry, distribution: string, site: Site): never {
  fail('no-distribution', `no package '${distribution}' is built in or installed`, site, {
    name: distribution,
    nearest: nearest(distribution, registry.distributions()),
  });
}

function failEntry(
  objectType: ObjectType,
  distribution: string,
  name: string,
  names: readonly string[],
  site: Site,
): never {
  fail('no-entry-point', `the package '${distribution}' has no ${objectType} '${name}'`, site, {
    name,
    nearest: nearest(name, names) ?? (names.length > 0 ? names.toSorted().join(', ') : undefined),
  });
}
