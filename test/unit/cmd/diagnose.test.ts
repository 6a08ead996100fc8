import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ADMIN, createDeployment, type Deployment, runManage } from '../../support/deployment.js';

const MAIN = fileURLToPath(new URL('../../../src/server/serve.ts', import.meta.url));
/** The stock pipeline, and one that answers when it is told to. */
const SLOW = `export default () => async (ctx) => {
  if (ctx.path === '/') { ctx.body = {}; return; }
  process.send('arrived');
  await new Promise(() => undefined);
};
`;

interface Report {
  readonly [name: string]: unknown;
  readonly requests: readonly { readonly route: string; readonly method: string; readonly age_ms: number }[];
}

describe('keystone-manage diagnose', function () {
  // It compiles and starts a process, on a machine that may be busy.
  this.timeout(120_000);
  let deployment: Deployment;
  let child: ChildProcess;
  let url: string;

  const log = (): Promise<string> => readFile(deployment.path('keystone.log'), 'utf8');
  const diagnose = async (...args: string[]): Promise<Report> => {
    const { out } = await runManage([...deployment.args, 'diagnose', ...args], deployment.env);
    return JSON.parse(out) as Report;
  };
  async function refusal(...args: string[]): Promise<string> {
    try {
      await diagnose(...args);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('it was not refused');
  }

  before(async () => {
    deployment = await createDeployment();
    await writeFile(deployment.path('slow.mjs'), SLOW);
    await writeFile(
      deployment.path('keystone-paste.ini'),
      `[app:slow]\nuse = call:./slow.mjs:default\n[composite:main]\nuse = egg:Paste#urlmap\n/slow = slow\n/ = slow\n`,
    );
    const code = `import { main } from ${JSON.stringify(MAIN)}; await main(process.argv.slice(1));`;
    child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', code, '--', ...deployment.args, 'main@127.0.0.1:0'],
      { env: deployment.env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    await once(child, 'message');
    url = /Serving main at (http:\S+)/.exec(await log())?.[1] ?? '';
  });
  after(async () => {
    child.kill('SIGKILL');
    await deployment.remove();
  });

  it('shows what a process does, and nothing secret of it', async () => {
    const abort = new AbortController();
    const token = 'gAAAAABplanted-in-a-path-that-is-a-token-0123456789';
    const running = fetch(`${url}/slow/tokens/${token}?password=${ADMIN.password}`, {
      signal: abort.signal,
      headers: { 'X-Auth-Token': token },
    }).catch(() => undefined);
    const [message] = (await once(child, 'message')) as [unknown];
    expect(message).to.equal('arrived');
    const report = await diagnose(String(child.pid), '--timeout', '100');
    abort.abort();
    await running;
    expect(report).to.include({ pid: child.pid }).and.to.include.keys('memory', 'event_loop', 'resources');
    expect(report['serving']).to.deep.equal([`main at ${url}`]);
    expect(report['configuration_files']).to.deep.equal([deployment.conf]);
    expect(report['database']).to.deep.equal({ dialect: 'sqlite', pools: {} });
    expect(report).to.have.nested.property('memory.heap_limit_mb').that.is.greaterThan(100);
    expect(report).to.have.nested.property('event_loop.watched_ms', 500);
    expect(report).to.have.nested.property('in_force.pipelines[0].generation', 1);
    expect(report).to.have.nested.property('readiness[0].name', 'database');
    const [request] = report.requests;
    expect(request).to.include({ method: 'GET', user_id: null });
    expect(request?.age_ms).to.be.greaterThan(400);
    const text = JSON.stringify(report);
    expect(text).to.not.contain(token).and.to.not.contain(ADMIN.password);
    expect(await log()).to.contain(' WARNING keystone.server.diagnosis [-] Diagnosis {');
  });

  it('sends nothing to a process that the signal would end', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      expect(await refusal(String(other.pid))).to.contain('nothing was sent');
      expect(other.exitCode).to.equal(null);
      expect(other.signalCode).to.equal(null);
    } finally {
      other.kill();
    }
    // Above the highest number that Linux gives.
    expect(await refusal('99999999')).to.contain('there is no process 99999999');
    expect(await refusal('all')).to.contain('not a positive whole number');
  });
});
