/** The two services that are compared: ours, and Debian's real Keystone. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ADMIN, createDeployment } from '../../test/support/deployment.js';
import { startReference } from '../../test/support/reference/keystone.js';
import { freePort } from '../../test/support/services/processes.js';

export interface Contender {
  readonly name: string;
  /** Without a version. */
  readonly url: string;
  /** The process that serves. */
  readonly pid: number;
  readonly admin: Readonly<Record<'name' | 'password' | 'project', string>>;
  stop(): Promise<void>;
}

/** Both hash passwords alike, and cheaply, since users are only made to be listed. */
const HASHING = { identity: ['password_hash_algorithm = bcrypt', 'password_hash_rounds = 4'] };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`keystone-serve ended with status ${child.exitCode}`);
    const response = await fetch(url).catch(() => null);
    if (response?.status === 200) return;
    if (Date.now() > deadline) throw new Error('keystone-serve does not answer');
    await sleep(50);
  }
}

/**
 * Ours, as built, in a process of its own.
 * @param nodeOptions for Node, for example to profile
 * @param conf        more of keystone.conf, by section
 */
export async function startOurs(
  nodeOptions: readonly string[] = [],
  conf: Readonly<Record<string, readonly string[]>> = HASHING,
): Promise<Contender> {
  const deployment = await createDeployment({ conf });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // As operators start it: the first line of the script has options for Node.
  const [program, before] =
    nodeOptions.length === 0
      ? ['bin/keystone-serve', []]
      : [process.execPath, [...nodeOptions, 'bin/keystone-serve']];
  const child = spawn(program, [...before, ...deployment.args, `main@127.0.0.1:${port}`], {
    cwd: ROOT,
    env: deployment.env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await deployment.remove();
  };
  try {
    await answers(`${url}/v3`, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: 'keystone-koa', url, pid: child.pid ?? 0, admin: ADMIN, stop };
}

/** The real one, with a memcached to cache in unless told otherwise. */
export async function startReal({ caching = true } = {}): Promise<Contender> {
  return { name: 'Keystone 22', ...(await startReference({ caching, conf: HASHING })) };
}
