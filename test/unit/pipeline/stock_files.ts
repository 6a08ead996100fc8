import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  configUri,
  explainApp,
  type LoadedApp,
  type LoadOptions,
  loadApp,
} from '../../../src/pipeline/index.js';
import { Folder } from './support.js';

/** Releases whose `keystone-paste.ini` operators have, by their names. Comments are left out of the copies. */
export const stockReleases = ['kilo', 'liberty', 'mitaka', 'newton', 'ocata', 'pike', 'queens'] as const;

export type StockRelease = (typeof stockReleases)[number];

/** The two things that every stock file offers to be served. */
export const stockEndpoints = ['main', 'admin'] as const;

/** The text of the stock file of a release. */
export function stockText(release: StockRelease): Promise<string> {
  return readFile(join(import.meta.dirname, '../../fixtures/paste', `${release}.ini`), 'utf8');
}

/**
 * Do something with the stock file of a release, in a folder of its own: a checkout may be writable for everybody, and
 * what is loaded must not be.
 */
export async function withStockFile<T>(release: StockRelease, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await Folder.create({ 'keystone-paste.ini': await stockText(release) });
  try {
    return await use(folder.file('keystone-paste.ini'));
  } finally {
    await folder.remove();
  }
}

/** What a stock file came to: the built endpoints, what was said aloud, and the filters by branch. */
export interface LoadedStock {
  readonly apps: Readonly<Record<(typeof stockEndpoints)[number], LoadedApp>>;
  readonly notes: readonly string[];
  /** Names of the filters and of the app at the end, by `ENDPOINT MOUNT`, such as `main /v3`. */
  readonly branches: ReadonlyMap<string, readonly string[]>;
}

/**
 * Load both endpoints of the stock file of a release, as an operator's own would be.
 *
 * @param options at least the registry that has the names of that release
 * @throws PipelineError when the file does not load
 */
export function loadStock(release: StockRelease, options: LoadOptions): Promise<LoadedStock> {
  return withStockFile(release, async (file) => {
    const notes = new Set<string>();
    const branches = new Map<string, readonly string[]>();
    const load = async (name: (typeof stockEndpoints)[number]): Promise<LoadedApp> => {
      const uri = configUri(file, name);
      const root = await explainApp(uri, options);
      for (const { label, branch } of root.app.parts ?? []) {
        const names = [...branch.filters, branch.app].map((component) => component.name);
        branches.set(`${name} ${label}`, names);
      }
      return loadApp(uri, { ...options, note: (text) => notes.add(text) });
    };
    return { apps: { main: await load('main'), admin: await load('admin') }, notes: [...notes], branches };
  });
}
