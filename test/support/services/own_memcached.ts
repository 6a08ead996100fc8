/** A memcached of a test's own, to be killed, stopped in the middle and started again at the same address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram, freePort, serverAccount } from './processes.js';

export interface OwnMemcached {
  readonly address: string;
  /** SIGSTOP keeps connections open and answers nothing; SIGCONT goes on. */
  signal(signal: NodeJS.Signals): void;
  /** End it at once. */
  kill(): Promise<void>;
  /** Start it again, empty, at the same address. */
  start(): Promise<void>;
}

/** Skips the caller's tests when memcached is not installed. @param context `this` of the mocha hook */
export async function ownMemcached(context: Mocha.Context): Promise<OwnMemcached> {
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
    await untilReachable(port);
  };
  await start();
  return {
    address: `127.0.0.1:${port}`,
    signal: (signal) => void child?.kill(signal),
    start,
    async kill() {
      if (child === null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = null;
    },
  };
}

async function untilReachable(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await sleep(25);
    } finally {
      socket.destroy();
    }
  }
}
