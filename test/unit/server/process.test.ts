import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createDeployment, type Deployment } from '../../support/deployment.js';

const MAIN = fileURLToPath(new URL('../../../src/server/serve.ts', import.meta.url));
const PASTE = `[filter:request_id]
use = egg:oslo.middleware#request_id
[app:versions]
use = egg:keystone#public_version_service
[pipeline:main]
pipeline = request_id versions
`;

interface Ended {
  readonly code: number | null;
  readonly err: string;
  readonly out: string;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

describe('the process of keystone-serve', function () {
  // Each test compiles and starts a process, on a machine that may be busy.
  this.timeout(120_000);
  let deployment: Deployment;
  const children: ChildProcess[] = [];

  function run(...args: string[]): Run {
    const code = `import { main } from ${JSON.stringify(MAIN)}; await main(process.argv.slice(1));`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', code, '--', ...args],
      { env: deployment.env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    children.push(child);
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ended = once(child, 'close').then(([status]) => ({ code: status as number | null, err, out }));
    return { child, ended };
  }
  const log = (): Promise<string> => readFile(deployment.path('keystone.log'), 'utf8');
  async function ready({ child, ended }: Run): Promise<number> {
    const early = ended.then(({ code, err }) => Promise.reject(new Error(`ended with ${code}: ${err}`)));
    const [message] = (await Promise.race([once(child, 'message'), early])) as [unknown];
    // Its end is what the test waits for from now on.
    early.catch(() => undefined);
    expect(message).to.equal('ready');
    return Number(/Serving main at http:\/\/127\.0\.0\.1:(\d+)/.exec(await log())?.[1]);
  }
  async function untilLogged(text: string): Promise<void> {
    while (!(await log()).includes(text)) await sleep(20);
  }
  /** @param onSent when the system has the request */
  function ask(port: number, agent: Agent, onSent = (): void => undefined): Promise<number | string> {
    return new Promise((resolve) => {
      const outgoing = request({ host: '127.0.0.1', port, path: '/', agent }, (incoming) => {
        incoming.resume().once('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      outgoing.end(onSent);
    });
  }

  before(async () => {
    // As long as a slow machine needs; no test waits for it.
    deployment = await createDeployment({ conf: { keystone_koa: ['drain_timeout = 60'] } });
  });
  beforeEach(() => writeFile(deployment.path('keystone-paste.ini'), PASTE));
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await writeFile(deployment.path('keystone.log'), '');
  });
  after(() => deployment.remove());

  it('says ready when it answers, reloads on SIGHUP under load without a failed request, ends on SIGTERM', async () => {
    const started = run(...deployment.args, 'main@127.0.0.1:0');
    const { child, ended } = started;
    const port = await ready(started);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const statuses = new Set<number | string>();
    const over = new AbortController();
    const clients = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) {
        statuses.add(await ask(port, agent));
        await sleep(5);
      }
    });
    for (const [text, outcome] of [
      [PASTE, 'generation 2 of the pipelines is in force'],
      [PASTE.replace('id versions', 'id'), 'was refused, generation 2 stays in force'],
      [PASTE, 'generation 3 of the pipelines is in force'],
    ] as const) {
      await writeFile(deployment.path('keystone-paste.ini'), text);
      child.kill('SIGHUP');
      await untilLogged(outcome);
      await sleep(50);
    }
    over.abort();
    await Promise.all(clients);
    // One more on each connection, on its way when the process is told to end.
    const sent: number[] = [];
    const last = Array.from({ length: 4 }, (_, n) => ask(port, agent, () => void sent.push(n)));
    while (sent.length < 4) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGTERM');
    for (const status of await Promise.all(last)) statuses.add(status);
    expect(statuses).to.deep.equal(new Set([300]));
    agent.destroy();
    expect(await ended).to.deep.include({ code: 0, err: '' });
    expect(await log()).to.match(/\[-\] Ended\n$/);
  });

  it('ends at once on the second Ctrl-C, whatever runs', async () => {
    await writeFile(
      deployment.path('hang.mjs'),
      `export default () => (ctx) => {
        ctx.body = 1;
        if (ctx.path === '/') return;
        process.send('arrived');
        return new Promise(() => undefined);
      };`,
    );
    await writeFile(deployment.path('keystone-paste.ini'), '[app:main]\nuse = call:./hang.mjs:default\n');
    const started = run(...deployment.args, 'main@127.0.0.1:0');
    const { child, ended } = started;
    const port = await ready(started);
    const hanging = fetch(`http://127.0.0.1:${port}/hang`).catch(() => 'cut off');
    const [message] = (await once(child, 'message')) as [unknown];
    expect(message).to.equal('arrived');
    child.kill('SIGINT');
    await untilLogged('no new connections are taken');
    // From a second on it is another Ctrl-C.
    await sleep(1_100);
    child.kill('SIGINT');
    expect((await ended).code).to.equal(130);
    expect(await hanging).to.equal('cut off');
  });

  it('ends with 1 and one message when it cannot start', async () => {
    const { code, err, out } = await run(...deployment.args, 'mian@127.0.0.1:0').ended;
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.match(/^keystone-serve: .*'mian'.*\n$/);
  });

  it('ends with 2 for a command line that is not valid', async () => {
    const { code, err } = await run(...deployment.args).ended;
    expect(code).to.equal(2);
    expect(err).to.contain("missing required argument 'name'");
  });
});
