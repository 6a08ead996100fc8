import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { shutdownLogging } from '../../../src/common/log/index.js';
import { ListenError } from '../../../src/server/listen.js';
import { type Service, serve } from '../../../src/server/serve.js';
import { ADMIN, createDeployment, type Deployment } from '../../support/deployment.js';
import { freePort } from '../../support/services/processes.js';

const PASTE = `[filter:request_id]
use = egg:oslo.middleware#request_id
[filter:build_auth_context]
use = egg:keystone#build_auth_context
[filter:json_body]
use = egg:keystone#json_body
[filter:healthcheck]
use = egg:oslo.middleware#healthcheck
[app:service_v3]
use = egg:keystone#service_v3
[app:versions]
use = egg:keystone#public_version_service
[pipeline:api_v3]
pipeline = request_id build_auth_context json_body service_v3
[pipeline:home]
pipeline = healthcheck versions
[composite:main]
use = egg:Paste#urlmap
/v3 = api_v3
/ = home
[composite:admin]
use = egg:Paste#urlmap
/v3 = api_v3
/ = home
`;

/** An app of a deployer, for what the built-in ones never do. */
const ODD = `
export const hang = () => (ctx) => {
  if (ctx.path === '/') return;
  globalThis.keystoneTestArrival();
  return new Promise(() => undefined);
};
export const fail = () => () => { throw new Error('broken on purpose'); };
export const slow = () => async (ctx) => {
  if (ctx.path === '/slow') await globalThis.keystoneTestArrival();
  ctx.body = 'done';
};
`;

/** When the next request comes to one of these apps, and how to let it go on. */
function nextArrival(): { readonly arrived: Promise<void>; readonly finish: () => void } {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    (globalThis as unknown as Record<string, unknown>)['keystoneTestArrival'] = () => {
      resolve();
      return finished;
    };
  });
  return { arrived, finish };
}

describe('keystone-serve', () => {
  let deployment: Deployment;
  const services: Service[] = [];

  async function start(...args: string[]): Promise<Service> {
    const service = await serve([...deployment.args, ...args], { env: deployment.env });
    services.push(service);
    return service;
  }
  const refusal = (...args: string[]): Promise<Error> =>
    start(...args).then(
      () => new Error('it started'),
      (error: Error) => error,
    );
  function urlOf(service: Service, index = 0): string {
    const address = service.serving[index]?.address;
    if (address?.kind !== 'tcp') throw new Error('not served over TCP');
    return `http://${address.host}:${address.port}`;
  }
  const log = (): Promise<string> => readFile(deployment.path('keystone.log'), 'utf8');
  const append = async (name: string, text: string): Promise<void> =>
    writeFile(deployment.path(name), (await readFile(deployment.path(name), 'utf8')) + text);

  beforeEach(async () => {
    deployment = await createDeployment();
    await writeFile(deployment.path('keystone-paste.ini'), PASTE);
    await writeFile(deployment.path('odd.mjs'), ODD);
  });
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.stop()));
    shutdownLogging();
    await deployment.remove();
  });

  it('serves several names, signs a user in at both, and says where it serves', async () => {
    const service = await start('main@127.0.0.1:0', 'admin@127.0.0.1:0');
    expect(service.serving.map(({ name }) => name)).to.deep.equal(['main', 'admin']);
    const domain = { id: 'default' };
    const user = { name: ADMIN.name, domain, password: ADMIN.password };
    for (const index of [0, 1]) {
      const response = await fetch(`${urlOf(service, index)}/v3/auth/tokens`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Connection: 'close' },
        body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
      });
      expect(response.status).to.equal(201);
    }
    // The lines of requests that come together are written together, a moment later.
    let lines = await log();
    for (; !lines.includes(' POST /v3/auth/tokens 201 '); lines = await log()) await sleep(5);
    expect(lines).to.match(/INFO keystone\.server\.access \[req-[0-9a-f-]+ .*\] POST \/v3\/auth\/tokens 201/);
    expect(lines).to.not.contain(ADMIN.password);
  });

  it('has no asynchronous call tracked once nobody waits in a request or a transaction any more', async () => {
    const source = new URL('../../../src/server/serve.js', import.meta.url).href;
    await writeFile(
      deployment.path('tracked.mjs'),
      `import { executionAsyncId } from 'node:async_hooks';
      const { serve } = await import('${source}');
      const service = await serve(process.argv.slice(2), { env: process.env });
      const url = 'http://127.0.0.1:' + service.serving[0].address.port + '/v3/auth/tokens';
      const user = { name: '${ADMIN.name}', domain: { id: 'default' }, password: '${ADMIN.password}' };
      const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } });
      const headers = { 'Content-Type': 'application/json' };
      const { status } = await fetch(url, { method: 'POST', headers, body });
      // Only hooks on promises give a continuation an id.
      const ids = [await Promise.resolve().then(executionAsyncId)];
      await service.stop();
      console.log(JSON.stringify({ status, ids }));`,
    );
    const args = ['--import', 'tsx', deployment.path('tracked.mjs'), ...deployment.args, 'main@127.0.0.1:0'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: deployment.env });
    expect(JSON.parse(stdout)).to.deep.equal({ status: 201, ids: [0] });
  });

  it("knows whose a line of the log is behind a deployer's filter that waits", async () => {
    await append('odd.mjs', 'export const late = () => async (ctx, next) => (await 0, next());\n');
    await append('keystone-paste.ini', '[filter:late]\npaste.filter_factory = ./odd.mjs:late\n');
    const paste = await readFile(deployment.path('keystone-paste.ini'), 'utf8');
    await writeFile(
      deployment.path('keystone-paste.ini'),
      paste.replace('= request_id build', '= request_id late build'),
    );
    await append('keystone.conf', '\n[DEFAULT]\nadmin_token = for-nobody\n');
    const service = await start('main@127.0.0.1:0');
    const response = await fetch(`${urlOf(service)}/v3/users`, {
      headers: { 'X-Auth-Token': 'for-nobody', Connection: 'close' },
    });
    expect(response.status).to.equal(401);
    const id = response.headers.get('x-openstack-request-id') ?? '';
    const lines = (await log()).split('\n');
    const refused = lines.find((line) => line.includes('admin_token was sent and refused'));
    expect(refused).to.contain(`[${id} `);
  });

  it('logs as a logging configuration file says, and as it says anew after a reload', async () => {
    const logging = (level: string, format: string): string => `[loggers]
keys = root
[handlers]
keys = file
[formatters]
keys = plain
[logger_root]
level = ${level}
handlers = file
[handler_file]
class = handlers.WatchedFileHandler
formatter = plain
args = ('${deployment.path('own.log')}',)
[formatter_plain]
format = ${format}
`;
    const own = (): Promise<string> => readFile(deployment.path('own.log'), 'utf8');
    await writeFile(
      deployment.path('logging.conf'),
      logging('INFO', '%(levelname)s|%(request_id)s|%(message)s'),
    );
    await append('keystone.conf', '\n[DEFAULT]\nlog_config_append = logging.conf\n');
    const service = await start('main@127.0.0.1:0');
    const get = async (): Promise<string | null> =>
      (await fetch(`${urlOf(service)}/v3`, { headers: { Connection: 'close' } })).headers.get(
        'x-openstack-request-id',
      );
    const id = await get();
    expect(await own()).to.contain(`INFO|${id}|GET /v3 200`);
    await writeFile(deployment.path('logging.conf'), logging('WARNING', 'second: %(message)s'));
    await service.reload();
    await get();
    expect(await own()).to.not.contain('second: GET /v3');
    await writeFile(deployment.path('logging.conf'), logging('LOUD', '%(message)s'));
    await service.reload();
    expect(await own()).to.match(/^second: The configuration stays as it was: .*logging\.conf:8.*"LOUD"/m);
    expect(await log().catch(() => '')).to.equal('');
  });

  it('serves over a UNIX socket', async () => {
    const path = deployment.path('main.sock');
    await start(`main@unix:${path}`);
    expect((await stat(path)).isSocket()).to.equal(true);
  });

  it('ends without a trace: socket gone, database closed, nothing answers', async () => {
    const service = await start('main@127.0.0.1:0');
    const url = urlOf(service);
    expect((await fetch(url, { headers: { Connection: 'close' } })).status).to.equal(300);
    await service.stop();
    await service.stop();
    expect(await fetch(url).catch((error: Error) => error.message)).to.equal('fetch failed');
    expect(await stat(deployment.path('keystone.db-wal')).catch(() => null)).to.equal(null);
  });

  describe('starts not at all', () => {
    it('when a port is taken, which it names; what listened already is closed', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as { port: number };
      const first = await freePort();
      const error = await refusal(`main@127.0.0.1:${first}`, `admin@127.0.0.1:${port}`);
      other.close();
      expect(error).to.be.instanceOf(ListenError);
      expect(error.message).to.contain(`port ${port} of 127.0.0.1 is already in use`);
      const again = createServer().listen(first, '127.0.0.1');
      await once(again, 'listening');
      again.close();
    });

    it('when two names would share an address', async () => {
      const { message } = await refusal('main@127.0.0.1:5999', 'admin@127.0.0.1:5999');
      expect(message).to.contain('"main" and "admin" cannot both be served at http://127.0.0.1:5999');
    });

    it('when the paste file has no such name', async () => {
      expect((await refusal('mian@127.0.0.1:0')).message).to.match(/'mian'.*main/);
    });

    it('when a section is wrong, with file and line', async () => {
      await append('keystone-paste.ini', '[pipeline:broken]\npipeline = request_it versions\n');
      const { message } = await refusal('broken@127.0.0.1:0');
      expect(message).to.contain(`${deployment.path('keystone-paste.ini')}:26`);
      expect(message).to.contain('nearest: request_id');
    });

    it('when a pipeline fails its probe', async () => {
      await append('keystone-paste.ini', '[app:broken]\nuse = call:./odd.mjs:fail\n');
      const { message } = await refusal('broken@127.0.0.1:0');
      expect(message).to.match(/^"broken" answers GET \/ with status 500/);
    });

    it('when a module lies outside of the allowed places', async () => {
      await append('keystone.conf', '[paste_deploy]\nallowed_modules = @paste\n');
      await append('keystone-paste.ini', '[app:broken]\nuse = call:./odd.mjs:slow\n');
      expect((await refusal('broken@127.0.0.1:0')).message).to.match(/odd\.mjs.*allowed_modules/);
    });

    it('when the database has no tables', async () => {
      await writeFile(deployment.path('keystone.db'), '');
      expect((await refusal('main@127.0.0.1:0')).message).to.contain('keystone-manage db_sync');
    });

    it('when an option is wrong, with file and line', async () => {
      await append('keystone.conf', '[keystone_koa]\ndrain_timeout = soon\n');
      const { message } = await refusal('main@127.0.0.1:0');
      expect(message).to.match(/keystone\.conf:\d+: option "drain_timeout" of section \[keystone_koa\]/);
    });

    it('and says why in the log too', async () => {
      await refusal('mian@127.0.0.1:0');
      expect(await log()).to.match(/ERROR keystone\.server \[-\] The start failed: .*'mian'/);
    });
  });

  describe('on reload', () => {
    const health = async (service: Service): Promise<Record<string, unknown>> => {
      const response = await fetch(`${urlOf(service)}/healthcheck`, {
        headers: { Accept: 'application/json', Connection: 'close' },
      });
      return (await response.json()) as Record<string, unknown>;
    };

    it('puts a changed paste file in force', async () => {
      const service = await start('main@127.0.0.1:0');
      await writeFile(
        deployment.path('keystone-paste.ini'),
        PASTE.replaceAll('/v3 = api_v3', '/identity/v3 = api_v3'),
      );
      await service.reload();
      const headers = { Connection: 'close' };
      expect((await fetch(`${urlOf(service)}/identity/v3`, { headers })).status).to.equal(200);
      expect((await fetch(`${urlOf(service)}/v3/users`, { headers })).status).to.equal(404);
      expect(await health(service)).to.have.nested.property('pipelines[0].generation', 2);
    });

    it('keeps the old one when the new one is wrong, and tells file, line and reason', async () => {
      const service = await start('main@127.0.0.1:0');
      await writeFile(
        deployment.path('keystone-paste.ini'),
        PASTE.replace('json_body service_v3', 'json_body'),
      );
      await service.reload();
      expect((await fetch(`${urlOf(service)}/v3`, { headers: { Connection: 'close' } })).status).to.equal(
        200,
      );
      const { pipelines } = (await health(service)) as {
        pipelines: { generation: number; refused: { reason: string } }[];
      };
      expect(pipelines[0]).to.have.property('generation', 1);
      expect(pipelines[0]?.refused.reason).to.contain('keystone-paste.ini:14');
      expect(await log()).to.match(/ERROR keystone\.server\.pipeline .*was refused, generation 1 stays/);
    });

    it('follows the log level, and names what waits for a restart', async () => {
      const service = await start('main@127.0.0.1:0');
      await append('keystone.conf', '[keystone_koa]\ndrain_timeout = 7\n');
      await writeFile(deployment.path('conf.d/debug.conf'), '[DEFAULT]\ndebug = true\n');
      await service.reload();
      const lines = await log();
      expect(lines).to.contain('In force from now on: [DEFAULT] debug');
      expect(lines).to.contain('Changed, but in force only after a restart: [keystone_koa] drain_timeout');
    });

    it('switches Server-Timing on and off', async () => {
      const service = await start('main@127.0.0.1:0');
      const timing = async (): Promise<string | null> =>
        (await fetch(`${urlOf(service)}/v3`, { headers: { Connection: 'close' } })).headers.get(
          'server-timing',
        );
      expect(await timing()).to.equal(null);
      await writeFile(deployment.path('conf.d/timing.conf'), '[keystone_koa]\nserver_timing = true\n');
      await service.reload();
      expect(await timing()).to.match(/service_v3;dur=/);
      await writeFile(deployment.path('conf.d/timing.conf'), '');
      await service.reload();
      expect(await timing()).to.equal(null);
    });

    it('keeps the configuration when the new one is wrong', async () => {
      const service = await start('main@127.0.0.1:0');
      await append('keystone.conf', '[keystone_koa]\ndrain_timeout = soon\n');
      await service.reload();
      expect(await log()).to.match(
        /ERROR keystone\.server \[-\] The configuration stays as it was: .*drain_timeout/,
      );
      expect((await fetch(urlOf(service), { headers: { Connection: 'close' } })).status).to.equal(300);
    });
  });

  it('finishes requests that run when it is told to end', async () => {
    await append('keystone.conf', '\n[keystone_koa]\ndrain_timeout = 60\n');
    await append('keystone-paste.ini', '[app:slow]\nuse = call:./odd.mjs:slow\n');
    const service = await start('slow@127.0.0.1:0');
    const { arrived, finish } = nextArrival();
    const reply = fetch(`${urlOf(service)}/slow`);
    await arrived;
    const stopping = service.stop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    finish();
    await stopping;
    const response = await reply;
    expect(response.headers.get('connection')).to.equal('close');
    expect(await response.text()).to.equal('done');
  });

  it('ends although a filter never does, and says what it gave up', async () => {
    await append('keystone-paste.ini', '[app:hang]\nuse = call:./odd.mjs:hang\n');
    const service = await start('hang@127.0.0.1:0');
    const { arrived } = nextArrival();
    const reply = fetch(`${urlOf(service)}/for-ever`).catch(() => 'cut off');
    await arrived;
    await service.stop();
    expect(await reply).to.equal('cut off');
    const lines = await log();
    expect(lines).to.contain('1 requests still ran after 2 s');
    expect(lines).to.contain('letting go of the pipelines: not done after 2 s, given up');
  });
});
