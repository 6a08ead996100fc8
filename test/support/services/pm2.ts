/** PM2 with a home and a daemon of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endWithUs, removeFolder } from './processes.js';

export interface Process {
  readonly name: string;
  readonly pid: number;
  readonly status: string;
  /** How often it was started anew. */
  readonly restarts: number;
}

export interface RunningPm2 {
  /** PM2_HOME and what else its program needs. */
  readonly env: NodeJS.ProcessEnv;
  run(...args: readonly string[]): Promise<string>;
  processes(): Promise<Process[]>;
  /** Output of the processes and the daemon, for messages. */
  logs(): Promise<string>;
  /** Ends the processes and the daemon, whatever state they are in. */
  stop(): Promise<void>;
}

function program(): string | null {
  try {
    return createRequire(import.meta.url).resolve('pm2/bin/pm2');
  } catch {
    return null;
  }
}

/** Null when PM2 is installed; otherwise what is missing, in words. */
export function pm2Missing(): string | null {
  return program() === null ? 'pm2 not found (npm package pm2)' : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @param more environment of the processes that are started */
export async function startPm2(more: NodeJS.ProcessEnv): Promise<RunningPm2> {
  const home = await mkdtemp(join(tmpdir(), 'keystone-pm2-'));
  const env = { PATH: process.env['PATH'], HOME: home, PM2_HOME: home, PM2_DISCRETE_MODE: 'true', ...more };
  const run = async (...args: readonly string[]): Promise<string> => {
    const options = { env, cwd: home, maxBuffer: 1 << 26, timeout: 120_000 };
    return (await promisify(execFile)(process.execPath, [program() ?? '', ...args], options)).stdout;
  };
  const pidOf = async (): Promise<number> =>
    Number(await readFile(join(home, 'pm2.pid'), 'utf8').catch(() => '0'));
  const processes = async (): Promise<Process[]> => {
    const text = await run('jlist', '--silent');
    const list = JSON.parse(text.slice(text.indexOf('['))) as {
      name: string;
      pid: number;
      pm2_env: { status: string; restart_time: number };
    }[];
    return list.map(({ name, pid, pm2_env: about }) => ({
      name,
      pid,
      status: about.status,
      restarts: about.restart_time,
    }));
  };
  // A run that is ended by force leaves no daemon behind.
  let daemon = 0;
  const killDaemon = (): void => {
    if (daemon > 0 && isAlive(daemon)) process.kill(daemon, 'SIGKILL');
  };
  process.once('exit', killDaemon);
  try {
    await run('ping');
    daemon = await pidOf();
    endWithUs(daemon);
  } catch (error) {
    await removeFolder(home);
    throw error;
  }
  return {
    env,
    run,
    processes,
    logs: () => run('logs', '--nostream', '--lines', '60').catch(String),
    async stop() {
      const pids = (await processes().catch(() => [])).map(({ pid }) => pid);
      await run('kill').catch(() => undefined);
      for (let wait = 0; wait < 100 && isAlive(daemon); wait += 1) await sleep(50);
      killDaemon();
      for (const pid of pids) if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
      process.off('exit', killDaemon);
      await removeFolder(home);
    },
  };
}
