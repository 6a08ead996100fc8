/** Processes of the service on one database and one set of keys, as several workers or hosts are. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, createDeployment, type Deployment, runManage } from '../deployment.js';
import { endWithUs, freePort } from '../services/processes.js';

const MAIN = new URL('../../../src/server/serve.ts', import.meta.url).href;

/** Milliseconds: only that a service that hangs does not hang the test. */
const LONGEST_START = 300_000;

export interface Site {
  readonly deployment: Deployment;
  /** Without a version, one of each process. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/**
 * @param database SQLAlchemy URL of an empty database; null: a SQLite file
 * @param conf     more of keystone.conf, by section
 */
export async function startSite(
  processes: number,
  database: string | null,
  conf: Readonly<Record<string, readonly string[]>> = {},
): Promise<Site> {
  const deployment = await createDeployment({
    until: 'files',
    conf: {
      ...conf,
      identity: ['password_hash_algorithm = bcrypt', 'password_hash_rounds = 4', ...(conf['identity'] ?? [])],
      database: [
        ...(database === null ? ['sqlite_synchronous = false'] : [`connection = ${database}`]),
        'max_pool_size = 4',
      ],
    },
  });
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }),
    );
    await deployment.remove();
  };
  try {
    const owner = [`--keystone-user=${process.getuid?.()}`, `--keystone-group=${process.getgid?.()}`];
    const { args, env } = deployment;
    await runManage([...args, 'db_sync'], env);
    await runManage([...args, 'fernet_setup', ...owner], env);
    await runManage([...args, 'credential_setup', ...owner], env);
    const names = ['--bootstrap-username', ADMIN.name, '--bootstrap-project-name', ADMIN.project];
    await runManage([...args, 'bootstrap', ...names], { ...env, OS_BOOTSTRAP_PASSWORD: ADMIN.password });
    const urls: string[] = [];
    for (let number = 0; number < processes; number += 1) {
      const port = await freePort();
      const code = `import { main } from ${JSON.stringify(MAIN)}; await main(process.argv.slice(1));`;
      const node = ['--import', 'tsx', '--input-type=module', '-e', code, '--'];
      const child = spawn(process.execPath, [...node, ...args, `main@127.0.0.1:${port}`], {
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      if (child.pid !== undefined) endWithUs(child.pid);
      children.push(child);
      urls.push(`http://127.0.0.1:${port}`);
    }
    await Promise.all(urls.map((url, number) => answers(url, children[number] as ChildProcess)));
    return { deployment, urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + LONGEST_START;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the service ended with ${child.exitCode ?? child.signalCode}`);
    }
    const response = await fetch(`${url}/v3`).catch(() => null);
    if (response?.status === 200) return;
    if (Date.now() > deadline) throw new Error('the service does not answer');
    await sleep(100);
  }
}
