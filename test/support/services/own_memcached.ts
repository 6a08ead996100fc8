/** A memcached of a test's own, to be killed, stopped in the middle and started again at the same address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersAs, findProgram, freePort, serverAccount, signalProcess } from './processes.js';

export interface OwnMemcached {
  readonly address: string;
  /** SIGSTOP keeps connections open and answers nothing, from when it resolves on; SIGCONT goes on. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** End it at once. */
  kill(): Promise<void>;
  /** Start it again, empty, at the same address. */
  start(): Promise<void>;
}

/** Skips the caller's tests when memcached is not installed. @param context `this` of the mocha hook */
export async function ownMemcached(context: Mocha.Context): Promise<OwnMemcached> {
  context.timeout(120_000);
  const program = findProgram('memcached');
  if (program === null) {
    if (process.env['REQUIRE_SERVICES'] === '1') throw new Error('memcached not found (package memcached)');
    context.skip();
  }
  return runMemcached(program);
}

/** @param program path of memcached */
export async function runMemcached(program: string): Promise<OwnMemcached> {
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    child = spawn(program, ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64'], {
      ...serverAccount('memcache'),
      stdio: 'ignore',
    });
    await untilReachable(port, child);
  };
  await start();
  return {
    address: `127.0.0.1:${port}`,
    async signal(signal) {
      if (child?.pid !== undefined) await signalProcess(child.pid, signal);
    },
    start,
    async kill() {
      const running = child;
      child = null;
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      await ended;
    },
  };
}

/** @throws Error when the server has ended instead */
async function untilReachable(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    try {
      await answersAs(child.pid ?? 0, port, 'stats\r\nquit\r\n', 'STAT pid ');
      return;
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`memcached has ended with ${child.exitCode ?? child.signalCode}`, { cause: error });
      }
      await sleep(25);
    }
  }
}
