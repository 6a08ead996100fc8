/** Where configuration files are: the standard folders, and the files that the command line names. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from './errors.js';
import { type ConfigFile, readConfigFile } from './file.js';

/** A file, or a folder of `*.conf` files, in the order in which the command line names them. */
export interface ConfigSource {
  readonly kind: 'file' | 'dir';
  readonly path: string;
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env['HOME'] ?? homedir();
}

/** An absolute path; a leading `~` is the home folder. */
export function absolutePath(path: string, env: NodeJS.ProcessEnv): string {
  const expanded = path === '~' || path.startsWith('~/') ? join(homeOf(env), path.slice(1)) : path;
  return resolve(expanded);
}

/** The folders that are searched for `NAME.conf`, `NAME.conf.d` and other files of the project. */
export function standardFolders(project: string, env: NodeJS.ProcessEnv): readonly string[] {
  const home = resolve(homeOf(env));
  return [join(home, `.${project}`), home, join('/etc', project), '/etc'];
}

/** The first of the folders that holds the file (or folder), as a path. */
export function findInFolders(folders: readonly string[], name: string): string | null {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

function confFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * The standard sources: PROJECT.conf, then the folder PROJECT.conf.d, each from the first standard folder that has
 * it. Whatever does not exist is left out.
 */
export function standardSources(
  project: string,
  env: NodeJS.ProcessEnv,
): { file: ConfigSource[]; dir: ConfigSource[] } {
  const folders = standardFolders(project, env);
  const find = (kind: ConfigSource['kind'], name: string): ConfigSource[] => {
    const path = findInFolders(folders, name);
    return path === null ? [] : [{ kind, path }];
  };
  return { file: find('file', `${project}.conf`), dir: find('dir', `${project}.conf.d`) };
}

/**
 * Read files and folders in their order. In a folder the `*.conf` files count, sorted by name.
 *
 * @throws ConfigError `not_found`, `unreadable`, `syntax`
 */
export function readSources(sources: readonly ConfigSource[], env: NodeJS.ProcessEnv): readonly ConfigFile[] {
  return sources.flatMap(({ kind, path }) => {
    const absolute = absolutePath(path, env);
    if (kind === 'file') {
      return [readConfigFile(absolute)];
    }
    if (!isFolder(absolute)) {
      throw new ConfigError('not_found', `configuration folder ${absolute} does not exist`, {
        file: absolute,
      });
    }
    return confFiles(absolute).map(readConfigFile);
  });
}

/**
 * The folders in which a file beside the configuration is looked for: the named folders, then those of the named
 * files (the last one first), then the standard ones.
 */
export function searchFolders(
  sources: readonly ConfigSource[],
  project: string,
  env: NodeJS.ProcessEnv,
): readonly string[] {
  const paths = (kind: ConfigSource['kind']): string[] =>
    sources.filter((source) => source.kind === kind).map(({ path }) => absolutePath(path, env));
  const folders = [
    ...paths('dir'),
    ...paths('file')
      .reverse()
      .map((path) => dirname(path)),
  ];
  return [...new Set([...folders, ...standardFolders(project, env)])];
}
