/** The units of etc/systemd, and what keystone-serve does for them: inherited sockets, and telling that it is ready. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { lost, startLoad } from '../support/cluster_load.js';
import { ADMIN, createDeployment, type Deployment } from '../support/deployment.js';
import { send, signIn } from '../support/http_client.js';
import { needed } from '../support/reference/python.js';
import { findProgram } from '../support/services/processes.js';

const UNITS = fileURLToPath(new URL('../../etc/systemd', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/server/serve.ts', import.meta.url));

/** The part of the package `unix-dgram` that is used. */
interface UnixDgram {
  createSocket(
    type: 'unix_dgram',
    onMessage: (message: Buffer) => void,
  ): { bind(path: string): void; close(): void };
}

/** The file descriptor of a listening socket: what systemd would hand over. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as Server & { _handle?: { readonly fd: number } };
  if (handle === undefined) throw new Error('not listening');
  return handle.fd;
}

describe('systemd', function systemd() {
  this.timeout(600_000);
  let deployment: Deployment;
  const children: ChildProcess[] = [];
  before(async () => {
    deployment = await createDeployment({
      // A client that stalls for a moment must find the connection that it keeps.
      conf: { keystone_koa: ['drain_timeout = 60'] },
    });
  });
  after(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await deployment.remove();
  });

  it('finds nothing wrong with the units', async function verify() {
    const program = needed(
      this,
      findProgram('systemd-analyze'),
      'systemd-analyze not found (package systemd)',
    );
    const folder = deployment.path('units');
    await cp(UNITS, folder, { recursive: true });
    const units = ['public', 'admin'].flatMap((name) => [
      `keystone-koa-${name}.socket`,
      `keystone-koa-${name}@1.service`,
    ]);
    for (const name of ['public', 'admin'])
      await cp(join(folder, `keystone-koa-${name}@.service`), join(folder, `keystone-koa-${name}@1.service`));
    const { stderr } = await promisify(execFile)(program, [
      'verify',
      ...units.map((unit) => join(folder, unit)),
    ]);
    expect(stderr.split('\n').filter((line) => line.includes('keystone-koa'))).to.deep.equal([]);
  });

  const run = (
    socket: number | 'ignore',
    env: NodeJS.ProcessEnv,
    ...args: readonly string[]
  ): ChildProcess => {
    const code = `import { main } from ${JSON.stringify(MAIN)}; await main(process.argv.slice(1));`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', code, '--', ...deployment.args, ...args],
      { env: { ...deployment.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', socket] },
    );
    children.push(child);
    return child;
  };
  const log = (): Promise<string> => readFile(deployment.path('keystone.log'), 'utf8').catch(() => '');
  const ready = async (child: ChildProcess): Promise<void> => {
    const deadline = Date.now() + 300_000;
    while (!(await log()).includes(`Ready (process ${child.pid},`)) {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
      if (Date.now() > deadline) throw new Error('not ready within five minutes');
      await sleep(50);
    }
  };
  /** Waits, but not for ever. */
  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 300_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${what}: not within five minutes`);
      await sleep(50);
    }
  }

  it('hands one socket to several processes; one of them may end without a failed request', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => {
      holder.listen(0, '127.0.0.1', resolve);
    });
    const { port } = holder.address() as { port: number };
    const base = `http://127.0.0.1:${port}`;
    const processes = [1, 2].map(() => run(descriptorOf(holder), {}, 'main@fd:3'));
    await Promise.all(processes.map(ready));
    // systemd holds its sockets without taking connections; this process would take them.
    holder.close();
    const token = await signIn(base, ADMIN);
    const load = startLoad({ base, token, pause: 30 });
    try {
      await until('load', () => load.answered > 30);
      const [first] = processes;
      const ended = first === undefined ? null : once(first, 'exit');
      first?.kill('SIGTERM');
      expect(await ended).to.deep.equal([0, null]);
      const reached = load.answered;
      await until('more load', () => load.answered > reached + 30);
    } finally {
      await load.stop();
    }
    expect(load.failures).to.deep.equal([]);
    expect(await lost(load, base, token)).to.deep.equal([]);
  });

  it('is told when the service is ready', async function told() {
    needed(this, findProgram('systemd-notify'), 'systemd-notify not found (package systemd)');
    const datagrams = createRequire(import.meta.url)('unix-dgram') as UnixDgram;
    const path = deployment.path('notify');
    const said: string[] = [];
    const socket = datagrams.createSocket('unix_dgram', (message) => void said.push(message.toString()));
    socket.bind(path);
    try {
      const child = run('ignore', { NOTIFY_SOCKET: path }, 'main@127.0.0.1:0');
      await until('READY=1', () => said.join('\n').includes('READY=1') || child.exitCode !== null);
      expect(said.join('\n')).to.include(`MAINPID=${child.pid}`);
      const line = new RegExp(`${child.pid} INFO .* Serving main at http://127.0.0.1:(\\d+)`);
      let port: string | undefined;
      await until('the log', async () => (port = line.exec(await log())?.[1]) !== undefined);
      expect((await send(`http://127.0.0.1:${port}/v3`)).status).to.equal(200);
    } finally {
      socket.close();
    }
  });

  it('gets one message when there is no socket', async () => {
    const child = run('ignore', {}, 'main@fd:77');
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    await once(child, 'close');
    expect(child.exitCode).to.equal(1);
    expect(err.trim()).to.match(/^keystone-serve: there is no inherited socket 77/);
  });
});
