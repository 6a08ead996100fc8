/**
 * The deployment of docs/deployment.md under constant load: Apache in front, PM2 with two workers of the public endpoint, MariaDB,
 * memcached. Whatever happens to one of them, no acknowledged write is lost; what an operator does on purpose fails no
 * request.
 */
import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Client, startClient } from '../clients/client.js';
import { type Load, lost, startLoad } from '../support/cluster_load.js';
import { ADMIN, createDeployment, type Deployment, runManage } from '../support/deployment.js';
import { type Got, send, signIn } from '../support/http_client.js';
import { commandsOf, type Installation, install } from '../support/installation.js';
import { needed } from '../support/reference/python.js';
import { apacheMissing, type RunningApache, startApache } from '../support/services/apache.js';
import { startService } from '../support/services/index.js';
import { mariadb } from '../support/services/mariadb.js';
import { memcached } from '../support/services/memcached.js';
import { pm2Missing, type RunningPm2, startPm2 } from '../support/services/pm2.js';
import { freePort } from '../support/services/processes.js';
import type { RunningService } from '../support/services/types.js';

const OWNER = [`--keystone-user=${process.getuid?.()}`, `--keystone-group=${process.getgid?.()}`];

describe('two workers under PM2 behind Apache', function cluster() {
  this.timeout(600_000);
  const stops: (() => Promise<unknown>)[] = [];
  let installation: Installation;
  let deployment: Deployment;
  let database: RunningService;
  let cache: RunningService;
  let pm2: RunningPm2;
  let apache: RunningApache;
  let paste: string;
  let port: number;
  let base: string;
  let identity: string;
  let token: string;

  before(async function start() {
    this.timeout(600_000);
    const missing = [apacheMissing(), pm2Missing(), mariadb.missing(), memcached.missing()].find(
      (each) => each !== null,
    );
    needed(this, missing === undefined ? true : null, missing ?? '');
    installation = await install();
    stops.push(() => installation.remove());
    database = await startService(mariadb);
    stops.push(() => database.stop());
    cache = await startService(memcached);
    stops.push(() => cache.stop());
    const ports = await Promise.all(Array.from({ length: 5 }, freePort));
    const [publicPort = 0, adminPort = 0, pathsPort = 0, publicBackEnd = 0, adminBackEnd = 0] = ports;
    port = publicBackEnd;
    deployment = await createDeployment({ until: 'files' });
    stops.push(() => deployment.remove());
    await installation.manage(['--version'], deployment.env);
    paste = deployment.path('keystone-paste.ini');
    const stock = await readFile(installation.path('paste/keystone-paste.ini'), 'utf8');
    const metrics = `[filter:metrics]\nshared_dir = ${deployment.path('metrics')}\n`;
    await writeFile(
      paste,
      stock
        .replace('[filter:metrics]\n', metrics)
        .replaceAll('pipeline = healthcheck cors', 'pipeline = metrics healthcheck cors')
        .replaceAll('pipeline = cors', 'pipeline = metrics cors'),
    );
    const url = database.address.replace(/\/mysql$/, '/keystone');
    await writeFile(
      deployment.conf,
      [
        '[DEFAULT]',
        `log_file = ${deployment.path('keystone.log')}`,
        'crypt_strength = 1000',
        '[database]',
        `connection = ${url}`,
        'max_retries = 20',
        'retry_interval = 1',
        '[cache]',
        'enabled = true',
        'backend = dogpile.cache.memcached',
        `memcache_servers = ${cache.address}`,
        '[token]',
        'provider = fernet',
        '[fernet_tokens]',
        `key_repository = ${deployment.path('fernet-keys')}`,
        'max_active_keys = 20',
        '[credential]',
        `key_repository = ${deployment.path('credential-keys')}`,
        '[oslo_middleware]',
        'enable_proxy_headers_parsing = true',
        '[paste_deploy]',
        `config_file = ${paste}`,
        '[keystone_koa]',
        'drain_timeout = 30',
        '',
      ].join('\n'),
    );
    const { createConnection } = await import('mariadb');
    const {
      hostname,
      port: databasePort,
      username,
      password,
    } = new URL(url.replace('mysql+pymysql', 'http'));
    const connection = await createConnection({
      host: hostname,
      port: Number(databasePort),
      user: username,
      password,
      // By default it gives up after a second.
      connectTimeout: 60_000,
    });
    await connection.query('CREATE DATABASE keystone CHARACTER SET utf8mb4');
    await connection.end();
    for (const command of [['db_sync'], ['fernet_setup', ...OWNER], ['credential_setup', ...OWNER]])
      await runManage([...deployment.args, ...command], deployment.env);
    const password_ = { ...deployment.env, OS_BOOTSTRAP_PASSWORD: ADMIN.password };
    base = `http://127.0.0.1:${publicPort}`;
    identity = `http://127.0.0.1:${pathsPort}/identity`;
    const urls = ['public', 'internal', 'admin'].flatMap((face) => [
      `--bootstrap-${face}-url`,
      `${identity}/v3`,
    ]);
    await runManage(
      [...deployment.args, 'bootstrap', '--bootstrap-region-id', 'RegionOne', ...urls],
      password_,
    );

    pm2 = await startPm2({
      KEYSTONE_CONFIG_FILE: deployment.conf,
      KEYSTONE_PUBLIC: `main@127.0.0.1:${publicBackEnd}`,
      KEYSTONE_ADMIN: `admin@127.0.0.1:${adminBackEnd}`,
      KEYSTONE_DRAIN_TIMEOUT: '30',
    });
    stops.push(() => pm2.stop());
    await pm2.run('start', installation.path('ecosystem.config.cjs'));
    apache = await startApache({
      port: publicPort,
      sites: ['keystone-ports.conf', 'keystone-paths.conf'],
      defines: {
        KEYSTONE_PUBLIC_BACKEND: `http://127.0.0.1:${publicBackEnd}`,
        KEYSTONE_ADMIN_BACKEND: `http://127.0.0.1:${adminBackEnd}`,
        KEYSTONE_PUBLIC_LISTEN: `127.0.0.1:${publicPort}`,
        KEYSTONE_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
        KEYSTONE_PUBLIC_PORT: String(publicPort),
        KEYSTONE_ADMIN_PORT: String(adminPort),
        KEYSTONE_HOST: '127.0.0.1',
        KEYSTONE_HTTP_PORT: String(pathsPort),
      },
      lines: [`Listen 127.0.0.1:${pathsPort}`],
    });
    stops.push(() => apache.stop());
    token = await signIn(base, ADMIN);
  });
  after(async function stop() {
    this.timeout(120_000);
    for (const each of stops.toReversed()) await each();
  });
  afterEach(async function explain() {
    if (this.currentTest?.state === 'failed') {
      const log = await readFile(deployment.path('keystone.log'), 'utf8').catch(() => '');
      // Whatever the log says beside what was asked for.
      const rest = log.split('\n').filter((line) => !line.includes(' INFO keystone.server.access '));
      process.stderr.write(`${(await pm2.logs()).slice(0, 6000)}\n${rest.join('\n').slice(-12_000)}\n`);
    }
  });

  const pids = async (): Promise<number[]> =>
    (await pm2.processes()).filter(({ status }) => status === 'online').map(({ pid }) => pid);

  /** Waits for something that comes about by itself. */
  async function until(what: string, holds: () => Promise<boolean>, seconds = 300): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
      await sleep(100);
    }
  }

  /** Three workers that have said that they are ready, none of them among those given. */
  const allReady = (without: readonly number[] = []): Promise<void> =>
    until('three workers', async () => {
      const log = await readFile(deployment.path('keystone.log'), 'utf8');
      const ready = (await pids()).filter(
        (pid) => log.includes(`Ready (process ${pid},`) && !without.includes(pid),
      );
      return ready.length === 3;
    });

  /** The generation of the pipelines in each worker: `admin 1, public 2, public 2`. */
  async function generations(): Promise<string> {
    const log = await readFile(deployment.path('keystone.log'), 'utf8');
    const lines = log.matchAll(/ (\d+) INFO .*: generation (\d+) of the pipelines is in force$/gm);
    const latest = new Map([...lines].map(([, pid, generation]) => [Number(pid), generation]));
    const workers = await pm2.processes();
    const each = workers.map(({ name, pid }) => `${name.replace('keystone-', '')} ${latest.get(pid)}`);
    return each.sort().join(', ');
  }

  /** Does something in the midst of a load, which goes on well before and after. */
  async function under(what: () => Promise<unknown>): Promise<Load> {
    const load = startLoad({ base: identity, token, pause: 30 });
    try {
      await until('the load', () => Promise.resolve(load.answered > 50 && load.created.size > 5));
      await what();
      const reached = load.answered;
      await until('the load goes on', () => Promise.resolve(load.answered > reached + 50));
    } finally {
      await load.stop();
    }
    expect(await lost(load, base, token)).to.deep.equal([]);
    return load;
  }

  const whatFailed = ({ failures }: Load): string[] => failures.map(({ what }) => what);

  /** Runs a suite of the real clients, as `npm test` does, against what stands at an address. */
  async function suite(file: string, url: string): Promise<void> {
    const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
    const env = { ...process.env, TEST_SITE_URL: url };
    const root = join(import.meta.dirname, '../..');
    const args = [mocha, '--timeout', '300000', file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    expect(stdout).to.match(/\d+ passing/);
  }

  it('serves python-openstackclient beneath /identity, all of its suite', async () => {
    await suite('test/clients/openstack.test.ts', identity);
  });

  it('serves it by the port, all of its other suite', async () => {
    const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json' };
    const listed = (await (await fetch(`${base}/v3/endpoints`, { headers })).json()) as {
      endpoints: { id: string }[];
    };
    for (const { id } of listed.endpoints) {
      const body = JSON.stringify({ endpoint: { url: `${base}/v3` } });
      await fetch(`${base}/v3/endpoints/${id}`, { method: 'PATCH', headers, body });
    }
    await suite('test/clients/openstack_more.test.ts', base);
  });

  it('starts what ecosystem.config.cjs says, and is ready', async () => {
    const found = await pm2.processes();
    expect(found.map(({ name, status }) => `${name} ${status}`).sort()).to.deep.equal([
      'keystone-admin online',
      'keystone-public online',
      'keystone-public online',
    ]);
    expect((await send(`${base}/healthcheck`)).status).to.equal(200);
  });

  it('does what docs/deployment.md says, with a reload of all workers, under load without a failed request', async () => {
    const old = await pids();
    const folder = deployment.path('bin');
    await mkdir(folder);
    const programs = {
      'keystone-manage': installation.path('bin/keystone-manage'),
      'keystone-serve': installation.path('bin/keystone-serve'),
      pm2: createRequire(import.meta.url).resolve('pm2/bin/pm2'),
    };
    for (const [name, file] of Object.entries(programs))
      await writeFile(join(folder, name), `#!/bin/sh\nexec "${process.execPath}" "${file}" "$@"\n`, {
        mode: 0o755,
      });
    const env = {
      ...pm2.env,
      PATH: `${folder}:${pm2.env['PATH']}`,
      OS_KEYSTONE_CONFIG_FILES: deployment.conf,
    };
    const outputs = new Map<string, string>();
    const load = await under(async () => {
      for (const command of await commandsOf('docs/deployment.md')) {
        // That is how all of this was started.
        if (command === 'pm2 start ecosystem.config.cjs') continue;
        expect(command).to.match(/^(keystone-manage|keystone-serve|pm2|curl) /);
        const here = command.replace('http://127.0.0.1:5000', base);
        outputs.set(command, (await promisify(execFile)('sh', ['-c', here], { env })).stdout);
      }
      await until('new pipelines', async () => (await generations()) === 'admin 1, public 2, public 2');
    });
    expect(whatFailed(load)).to.deep.equal([]);
    expect(outputs.get('keystone-manage reload')).to.include('keystone-admin: reloaded');
    expect(outputs.get('keystone-manage reload --check-only')).not.to.include('reloaded');
    expect(outputs.get('keystone-serve --check main admin')).to.include('a start would succeed');
    expect(outputs.get('curl -s http://127.0.0.1:5000/healthcheck')).to.include('OK');
    await allReady(old);
  });

  describe('a reload into something broken is refused before any worker goes', () => {
    let old: number[];
    beforeEach(async () => {
      old = await pids();
    });
    async function refused(): Promise<string> {
      const load = await under(async () => undefined);
      expect(whatFailed(load)).to.deep.equal([]);
      const outcome: unknown = await installation
        .manage(['reload'], pm2.env)
        .catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(Error);
      expect(await pids()).to.have.members(old);
      expect((await send(`${base}/v3`)).status).to.equal(200);
      return (outcome as { stderr?: string }).stderr ?? '';
    }
    async function whileChanged(file: string, change: () => Promise<void>): Promise<string> {
      await copyFile(file, `${file}.kept`);
      try {
        await change();
        return await refused();
      } finally {
        await copyFile(`${file}.kept`, file);
        await rm(`${file}.kept`);
      }
    }

    it('keystone.conf', async () => {
      const said = await whileChanged(deployment.conf, () =>
        appendFile(deployment.conf, '[token]\nexpiration = soon\n'),
      );
      expect(said).to.include('keystone.conf').and.include('expiration');
    });

    it('keystone-paste.ini', async () => {
      const said = await whileChanged(paste, () =>
        appendFile(paste, '[pipeline:api_v3]\npipeline = nothing\n'),
      );
      expect(said).to.include('keystone-paste.ini');
    });

    it('the code', async () => {
      const file = installation.path('dist/src/server/server.js');
      const said = await whileChanged(file, () => appendFile(file, '\nthis is no JavaScript\n'));
      expect(said).to.include('keystone-public was not reloaded').and.include('SyntaxError');
    });

    it('the keys', async () => {
      const file = deployment.path('fernet-keys/0');
      const said = await whileChanged(deployment.conf, async () => {
        const text = await readFile(deployment.conf, 'utf8');
        await writeFile(deployment.conf, text.replace('fernet-keys', 'no-such-keys'));
      });
      expect(said).to.include('no-such-keys');
      expect(await readFile(file, 'utf8')).not.to.equal('');
    });
  });

  it('takes new pipelines and new keys under load without a failed request', async () => {
    const load = await under(async () => {
      await appendFile(paste, '\n# changed\n');
      for (const app of ['keystone-public', 'keystone-admin']) await pm2.run('sendSignal', 'SIGHUP', app);
      for (let time = 0; time < 3; time += 1) {
        await runManage([...deployment.args, 'fernet_rotate', ...OWNER], deployment.env);
        await sleep(500);
        // Made and taken by whichever worker: both must have the keys of the other.
        token = await signIn(base, ADMIN);
        for (let use = 0; use < 6; use += 1) {
          const { status } = await send(`${base}/v3/users?limit=1`, { headers: { 'X-Auth-Token': token } });
          expect(status).to.equal(200);
        }
      }
      await until('new pipelines', async () => (await generations()) === 'admin 2, public 3, public 3');
    });
    expect(whatFailed(load)).to.deep.equal([]);
  });

  it('loses nothing when a worker is killed, and starts another', async () => {
    const [victim] = (await pm2.processes()).filter(({ name }) => name === 'keystone-public');
    const load = await under(async () => {
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await allReady([victim?.pid ?? 0]);
    });
    // What ran in it was cut off: a request of each client at most, and the one that it was given last.
    expect(load.failures.length).to.be.at.most(6);
  });

  it('loses nothing when memcached is restarted, and fails no request', async () => {
    const load = await under(() => cache.restart(1000));
    expect(whatFailed(load)).to.deep.equal([]);
  });

  it('loses nothing when the database is restarted, and goes on without a restart of its own', async () => {
    const old = await pids();
    const load = await under(async () => {
      await database.restart(500);
      await until('answers', async () => {
        const { status } = await send(`${base}/v3/users?name=admin`, { headers: { 'X-Auth-Token': token } });
        return status === 200;
      });
    });
    for (const failure of whatFailed(load)) expect(failure).to.match(/: 50[03] .*"error"/);
    expect(await pids()).to.have.members(old);
  });

  it('tells the metrics of all workers, whichever is asked', async () => {
    const count = async (): Promise<number> => {
      const { status, text } = await send(`${base}/metrics`);
      expect(status).to.equal(200);
      const lines = text
        .split('\n')
        .filter((line) => /^keystone_http_request_duration_seconds_count\{.*"\/v3\/regions"/.test(line));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    };
    const first = await count();
    for (let time = 0; time < 40; time += 1)
      expect((await send(`${base}/v3/regions`, { headers: { 'X-Auth-Token': token } })).status).to.equal(200);
    // Each worker writes its figures a second later.
    await until('the figures', async () => (await count()) === first + 40);
    for (let time = 0; time < 6; time += 1) expect(await count()).to.equal(first + 40);
  });

  it('says that it is not ready while it drains, and is still alive', async () => {
    const pid = (await pm2.processes()).find(({ name }) => name === 'keystone-public')?.pid ?? 0;
    const direct = `http://127.0.0.1:${port}/healthcheck`;
    const agents: Agent[] = [];
    /** Asked on a connection of the agent's, which is kept. */
    const ask = (agent: Agent): Promise<Got> =>
      send(direct, { agent, headers: { Accept: 'application/json' } });
    /** A connection to the worker: they take new ones in turn, as a rule. */
    let agent: Agent | undefined;
    while (agent === undefined) {
      const next = new Agent({ keepAlive: true, maxSockets: 1 });
      agents.push(next);
      if (Number(/"pid": ?(\d+)/.exec((await ask(next)).text)?.[1]) === pid) agent = next;
    }
    process.kill(pid, 'SIGINT');
    let answer = await ask(agent);
    // It may have to hear of the signal yet.
    while (answer.status === 200) answer = await ask(agent);
    expect(answer.status).to.equal(503);
    expect(answer.headers.connection).to.equal('close');
    expect(answer.text).to.match(new RegExp(`"pid": ?${pid}\\b`));
    for (const each of agents) each.destroy();
    await allReady([pid]);
  });

  describe('python-openstackclient', () => {
    let client: Client;
    before(async function start() {
      client = await startClient(this);
    });
    after(() => client?.stop());

    for (const way of ['port', '/identity'] as const) {
      it(`works by ${way}`, async () => {
        const admin = client.as({
          AUTH_URL: `${way === 'port' ? base : identity}/v3`,
          IDENTITY_API_VERSION: '3',
          REGION_NAME: 'RegionOne',
          USERNAME: ADMIN.name,
          PASSWORD: ADMIN.password,
          USER_DOMAIN_ID: 'default',
          PROJECT_NAME: ADMIN.project,
          PROJECT_DOMAIN_ID: 'default',
        });
        const name = `by ${way}`;
        expect(await admin.show('token issue')).to.include.keys('id', 'project_id');
        await admin.show(['project', 'create', name]);
        await admin.show(['user', 'create', name, '--password', 'secret', '--project', name]);
        await admin.done(['role', 'add', '--user', name, '--project', name, 'admin']);
        const rows = await admin.list(['role', 'assignment', 'list', '--user', name, '--names']);
        expect(rows).to.have.length(1);
        await admin.done(['user', 'delete', name]);
        await admin.done(['project', 'delete', name]);
      });
    }
  });
});
