import type { Conf } from './context.js';
import type { IniFile } from './ini.js';
import type { Registry } from './registry.js';
import { createResolver, defaultAllowedModules } from './resolver.js';
import { createSession, type Session } from './session.js';
import { createRegistry } from './stock.js';
import type { Observer, Surround } from './types.js';
import type { UriOptions } from './uri.js';

/** What a file is loaded with. */
export interface LoadOptions {
  /** The section's name; wins over the `#name` of the URI, and is `main` without either. */
  readonly name?: string | undefined;
  /** Further globals: they win over `[DEFAULT]`. */
  readonly globalConf?: Readonly<Record<string, string>> | undefined;
  /** The folder that a relative `config:` URI starts from. */
  readonly relativeTo?: string | undefined;
  /**
   * Built-in names; by default those of `createRegistry()`. A function is called for every load, so that factories of
   * one load can share something that those of the next must not see.
   */
  readonly registry?: Registry | (() => Registry) | undefined;
  /**
   * Which modules a file may name besides built-in ones: folders (`.` is that of the paste file), names of packages,
   * and `@paste` for installed packages that declare a `paste` map. By default `.` and `@paste`.
   */
  readonly allowedModules?: readonly string[] | undefined;
  /** Tell clients how long each filter took, as `Server-Timing`. A function is asked anew for every load. */
  readonly timing?: boolean | (() => boolean) | undefined;
  /** Is told how long each filter took. */
  readonly observe?: Observer | undefined;
  /**
   * Put around every filter and app whose code is no built-in name: for what must hold whatever that code does, such
   * as on whose behalf it works while it waits.
   */
  readonly surround?: Surround | undefined;
  /** Is told what a person should know though nothing is wrong. By default it becomes a process warning. */
  readonly note?: ((text: string) => void) | undefined;
}

/**
 * A session with the names and modules that the options allow.
 *
 * @param files what has been read, and is read
 */
export function openSession(options: LoadOptions, files?: Map<string, IniFile>): Session {
  const given = options.registry ?? createRegistry;
  const registry = typeof given === 'function' ? given() : given;
  return createSession(createResolver(registry, options.allowedModules ?? defaultAllowedModules), files);
}

/** The part of the options that says what a URI means. */
export function uriOptions(options: LoadOptions): UriOptions {
  return { name: options.name, relativeTo: options.relativeTo, globalConf: callerConf(options.globalConf) };
}

/** A caller's globals as settings. */
export function callerConf(globalConf: Readonly<Record<string, string>> | undefined): Conf | undefined {
  if (globalConf === undefined) return undefined;
  return new Map(
    Object.entries(globalConf).map(([name, value]) => [name, { value, origin: { note: 'caller' } }]),
  );
}
