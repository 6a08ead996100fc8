/** Runs keystone-manage within the test's process, with a home folder that holds no configuration. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manage } from '../../../src/cmd/manage.js';
import { shutdownLogging } from '../../../src/common/log/index.js';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Sandbox {
  readonly folder: string;
  path(name: string): string;
  /** Write a file; its path. */
  file(name: string, text: string): Promise<string>;
  run(...args: string[]): Promise<Ran>;
  /** Variables of the environment for the next runs. */
  env: Record<string, string>;
  remove(): Promise<void>;
}

export async function createSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'manage-'));
  const sandbox: Sandbox = {
    folder,
    env: {},
    path: (name) => join(folder, name),
    async file(name, text) {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    async run(...args) {
      let out = '';
      let err = '';
      const output = {
        line: (text = '') => {
          out += `${text}\n`;
        },
        note: (text: string) => {
          err += `${text}\n`;
        },
      };
      const status = await manage(args, { output, env: { HOME: folder, ...sandbox.env } });
      shutdownLogging();
      return { status, out, err };
    },
    remove: () => rm(folder, { recursive: true }),
  };
  return sandbox;
}

/** Options that root must give; harmless for others as they name the present user. */
export const OWNER = [
  '--keystone-user',
  String(process.getuid?.() ?? 0),
  '--keystone-group',
  String(process.getgid?.() ?? 0),
];
