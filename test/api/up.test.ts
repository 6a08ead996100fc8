import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { keepLogs } from '../support/run_log.js';
import { freePort } from '../support/services/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function listener(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

const freePorts = async (): Promise<[number, number]> => [await freePort(), await freePort()];

describe('npm run up', function () {
  // The first run of a clone compiles.
  this.timeout(600_000);
  let folder: string;
  let state: string;
  const children: ChildProcess[] = [];

  interface Run {
    readonly child: ChildProcess;
    readonly ended: Promise<number | null>;
    text(): string;
    /** Waits until the text is there; fails when the process ends before. */
    sees(text: string): Promise<void>;
  }

  function up(...args: string[]): Run {
    // A group of its own, so that Ctrl-C can be sent to all of it, as a terminal does.
    const child = spawn('npm', ['run', 'up', '--', ...args], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        OS_BOOTSTRAP_USERNAME: 'not-this-one',
        OS_TOKEN__EXPIRATION: '1',
        NODE_OPTIONS: '',
      },
    });
    children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return {
      child,
      ended,
      text: () => text,
      async sees(wanted) {
        let isOver = false;
        void ended.then(() => {
          isOver = true;
        });
        while (!text.includes(wanted)) {
          if (isOver) throw new Error(`ended without "${wanted}":\n${text}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
    };
  }
  /** Ctrl-C. What npm itself makes of it is its own business; the service must have ended in order. */
  async function interrupt(run: Run): Promise<void> {
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    await run.ended;
    expect(run.text()).to.contain('Stopping');
    const log = await readFile(join(state, 'keystone.log'), 'utf8');
    expect(log).to.match(/INFO keystone\.server \[-\] Ended\n$/);
    // Nothing was waited for in vain.
    expect(log).not.to.match(/cut off|given up/);
  }

  async function signIn(port: number): Promise<{ token: string; catalog: unknown }> {
    const domain = { id: 'default' };
    const response = await fetch(`http://127.0.0.1:${port}/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'admin', domain, password: 'secret' } },
          },
          scope: { project: { name: 'admin', domain } },
        },
      }),
    });
    expect(response.status).to.equal(201);
    const { token } = (await response.json()) as { token: { catalog: unknown } };
    return { token: response.headers.get('x-subject-token') ?? '', catalog: token.catalog };
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'up-'));
    state = join(folder, 'state');
  });
  after(async () => {
    for (const { pid, exitCode } of children) {
      if (pid !== undefined && exitCode === null) {
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // It has ended meanwhile.
        }
      }
    }
    keepLogs(folder);
    await rm(folder, { recursive: true, force: true });
  });

  it('makes everything, says how to use it, and stops on Ctrl-C; again it reuses it at other ports', async () => {
    const [publicPort, adminPort] = await freePorts();
    const first = up(
      '--state',
      state,
      '--public-port',
      String(publicPort),
      '--admin-port',
      String(adminPort),
    );
    await first.sees('openstack user list');
    expect(first.text()).to.contain(`export OS_AUTH_URL=http://127.0.0.1:${publicPort}/v3`);
    const { token, catalog } = await signIn(publicPort);
    expect(JSON.stringify(catalog)).to.contain(`http://127.0.0.1:${publicPort}/v3`);
    expect((await signIn(adminPort)).token).to.not.equal('');
    expect((await stat(state)).mode & 0o077, 'nobody else may look into the state').to.equal(0);
    const key = await readFile(join(state, 'fernet-keys/0'), 'utf8');
    await interrupt(first);
    const gone = await fetch(`http://127.0.0.1:${publicPort}/`).catch((error: Error) => error.message);
    expect(gone).to.equal('fetch failed');

    const [otherPublic, otherAdmin] = await freePorts();
    const second = up(
      '--state',
      state,
      '--public-port',
      String(otherPublic),
      '--admin-port',
      String(otherAdmin),
    );
    await second.sees('openstack user list');
    expect(second.text()).to.not.contain('First user');
    expect(await readFile(join(state, 'fernet-keys/0'), 'utf8')).to.equal(key);
    const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token, Connection: 'close' };
    const check = await fetch(`http://127.0.0.1:${otherPublic}/v3/auth/tokens`, { headers });
    expect(check.status, 'a token of the first run').to.equal(200);
    const moved = JSON.stringify((await signIn(otherPublic)).catalog);
    expect(moved).to.contain(`http://127.0.0.1:${otherPublic}/v3`).and.to.contain(`:${otherAdmin}/v3`);
    expect(moved).to.not.contain(`:${publicPort}/`);
    await interrupt(second);
    for (const name of ['keystone.log', 'keystone-manage.log']) {
      const lines = await readFile(join(state, name), 'utf8').catch(() => '');
      expect(lines).to.not.match(/gAAAA|"secret"/);
    }
  });

  it('names a port that is taken, and how to choose another, before it makes anything', async () => {
    const { server, port } = await listener();
    const [free] = await freePorts();
    const elsewhere = join(folder, 'elsewhere');
    for (const [option, ports] of [
      ['--public-port', [port, free]],
      ['--admin-port', [free, port]],
    ] as const) {
      const run = up(
        '--state',
        elsewhere,
        '--public-port',
        String(ports[0]),
        '--admin-port',
        String(ports[1]),
      );
      expect(await run.ended).to.equal(1);
      expect(run.text()).to.contain(`port ${port} of 127.0.0.1 is already in use`).and.to.contain(option);
    }
    server.close();
    expect(await access(elsewhere).catch(() => 'absent')).to.equal('absent');
  });

  it('refuses options that it does not know or cannot follow, and helps', async () => {
    const runs = [
      up('--port', '1'),
      up('--public-port', '70000'),
      up('--public-port', '7', '--admin-port', '7'),
    ];
    expect(await Promise.all(runs.map((run) => run.ended))).to.deep.equal([1, 1, 1]);
    expect(runs[0]?.text()).to.contain('--port').and.to.contain('Usage: npm run up');
    expect(runs[1]?.text()).to.contain('--public-port 70000: a port is a number from 1 to 65535');
    expect(runs[2]?.text()).to.contain('both endpoints cannot have the port 7');
    const help = up('--help');
    expect(await help.ended).to.equal(0);
    expect(help.text()).to.contain('--state DIR');
  });
});
