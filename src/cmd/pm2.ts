/** The processes that PM2 keeps, asked for by its own program. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CommandError } from './command.js';

/** One worker, as far as it concerns us. */
export interface Worker {
  readonly app: string;
  readonly pid: number;
  readonly isOnline: boolean;
  /** Node's arguments, the script and its arguments: what a new worker will be started with. */
  readonly nodeArgs: readonly string[];
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Pm2 {
  workers(): Promise<readonly Worker[]>;
  /** Replace the workers of an app one by one, each when its successor is ready. @throws Error */
  reload(app: string): Promise<void>;
}

/** The program: of PATH, else of the package beside ours. */
function findPm2(env: NodeJS.ProcessEnv): readonly [program: string, ...args: string[]] {
  const inPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'pm2'))
    .find((file) => existsSync(file));
  if (inPath !== undefined) return [inPath];
  try {
    return [process.execPath, createRequire(import.meta.url).resolve('pm2/bin/pm2')];
  } catch {
    throw new CommandError('pm2 was not found, neither in PATH nor as a package: npm install --global pm2');
  }
}

interface Listed {
  readonly name?: string;
  readonly pid?: number;
  readonly pm2_env?: {
    readonly status?: string;
    readonly pm_exec_path?: string;
    readonly pm_cwd?: string;
    readonly args?: readonly string[];
    readonly node_args?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
  };
}

function workerOf({ name, pid, pm2_env: about }: Listed): Worker {
  return {
    app: name ?? '',
    pid: pid ?? 0,
    isOnline: about?.status === 'online',
    nodeArgs: about?.node_args ?? [],
    script: about?.pm_exec_path ?? '',
    args: about?.args ?? [],
    cwd: about?.pm_cwd ?? '/',
    env: about?.env ?? {},
  };
}

/** @throws CommandError when there is no PM2 */
export function pm2Of(env: NodeJS.ProcessEnv): Pm2 {
  const [program, ...before] = findPm2(env);
  const run = async (...args: readonly string[]): Promise<string> => {
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(program, [...before, ...args], options)).stdout;
  };
  return {
    async workers() {
      const lines = (await run('jlist', '--silent')).split('\n');
      // A daemon that had to be started first says so in lines of their own, which begin with `[PM2]`.
      const list = lines.findLast((line) => line.startsWith('[{') || line.trim() === '[]');
      if (list === undefined) throw new CommandError('pm2 jlist told no list of processes');
      return (JSON.parse(list) as Listed[]).map(workerOf);
    },
    async reload(app) {
      await run('reload', app);
    },
  };
}
