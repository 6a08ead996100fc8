/** keystone-koa as npm would install it, in a temporary folder: built from the sources of now, with its commands. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeFolder } from './services/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The lines of all `sh` blocks of a document of the package. @param document path from its root */
export async function commandsOf(document: string): Promise<string[]> {
  const text = await readFile(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
}

const FILES = ['bin', 'etc', 'paste', 'httpd', 'ecosystem.config.cjs', 'package.json'];

export interface Installation {
  readonly folder: string;
  path(name: string): string;
  /** Runs `keystone-manage` in a process of its own. @returns its output @throws Error with its output */
  manage(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string>;
  remove(): Promise<void>;
}

export async function install(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-installed-'));
  const path = (name: string): string => join(folder, name);
  for (const name of FILES) await cp(join(ROOT, name), path(name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), path('node_modules'));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const output = ['--outDir', path('dist'), '--tsBuildInfoFile', path('dist/.tsbuildinfo')];
  await promisify(execFile)(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.build.json'), ...output]);
  return {
    folder,
    path,
    async manage(args, env) {
      const run = promisify(execFile)(process.execPath, [path('bin/keystone-manage'), ...args], { env });
      return (await run).stdout;
    },
    remove: () => removeFolder(folder),
  };
}
