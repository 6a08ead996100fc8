import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HealthResult, HealthService } from '../../../src/filters/services.js';
import { type Bench, createBench, type Site, serveFilters } from './support.js';

const GOOD: HealthResult = { name: 'process', available: true, reason: 'OK' };
const BAD: HealthResult = { name: 'database', available: false, reason: 'no answer', details: 'after <2> s' };

describe('the health check', () => {
  let bench: Bench;
  let results: readonly HealthResult[];
  const health: HealthService = {
    live: () => [GOOD],
    ready: () => Promise.resolve(results),
    status: () => ({ generation: 3, refused: null }),
  };

  async function start(conf = '', section = ''): Promise<Site> {
    bench = await createBench(conf, () => ({ health }));
    results = [{ ...GOOD, name: 'database' }];
    const filter = { name: 'healthcheck', section: `use = egg:oslo.middleware#healthcheck\n${section}` };
    return serveFilters(bench, [filter], (ctx) => {
      ctx.body = 'the application';
    });
  }
  afterEach(() => bench.close());

  it('answers its path alone', async () => {
    const site = await start();
    expect(await site.ask({ path: '/healthcheck' })).to.include({ status: 200, text: 'OK' });
    for (const path of ['/', '/healthcheck/', '/healthcheckx', '/v3/healthcheck']) {
      expect((await site.ask({ path })).text, path).to.equal('the application');
    }
  });

  it('says 503 when something that is needed is not there, and is still alive', async () => {
    const site = await start();
    results = [GOOD, BAD];
    expect(await site.ask({ path: '/healthcheck' })).to.include({ status: 503, text: 'OK\nno answer' });
    expect(await site.ask({ path: '/healthcheck/live' })).to.include({ status: 200, text: 'OK' });
  });

  it('answers HEAD with 204 or 503, without a body', async () => {
    const site = await start();
    expect(await site.ask({ method: 'HEAD', path: '/healthcheck' })).to.include({ status: 204, text: '' });
    results = [BAD];
    expect((await site.ask({ method: 'HEAD', path: '/healthcheck' })).status).to.equal(503);
  });

  it('shows the state of the service as JSON, and details only where they are wanted', async () => {
    const headers = { Accept: 'application/json' };
    const site = await start();
    results = [BAD];
    const brief = await site.ask({ path: '/healthcheck', headers });
    expect(brief.headers['content-type']).to.equal('application/json');
    expect(JSON.parse(brief.text)).to.deep.equal({
      detailed: false,
      reasons: [{ class: 'database', available: false, reason: 'no answer' }],
      generation: 3,
      refused: null,
    });
    await bench.close();
    const detailed = await start('[healthcheck]\ndetailed = true\n');
    results = [BAD];
    expect((await detailed.ask({ path: '/healthcheck', headers })).text).to.contain('after <2> s');
  });

  it('shows HTML that holds no markup of others', async () => {
    const site = await start();
    results = [{ name: '<b>', available: true, reason: 'a & <script>' }];
    const reply = await site.ask({ path: '/healthcheck', headers: { Accept: 'text/html' } });
    expect(reply.text).to.contain('&lt;b&gt;').and.contain('a &amp; &lt;script&gt;');
  });

  it('takes path and names from its section or the configuration', async () => {
    const site = await start('[healthcheck]\npath = /up\n', 'liveness_path = /alive');
    expect((await site.ask({ path: '/up' })).text).to.equal('OK');
    expect((await site.ask({ path: '/alive' })).text).to.equal('OK');
    expect((await site.ask({ path: '/healthcheck' })).text).to.equal('the application');
  });

  it('is switched off by a file', async () => {
    const site = await start('', `backends = disable_by_file\ndisable_by_file_path = %(here)s/off`);
    const file = join(bench.folder, 'off');
    expect((await site.ask({ path: '/healthcheck' })).status).to.equal(200);
    await writeFile(file, '');
    expect(await site.ask({ path: '/healthcheck' })).to.include({
      status: 503,
      text: 'DISABLED BY FILE\nOK',
    });
    await rm(file);
    expect((await site.ask({ path: '/healthcheck' })).status).to.equal(200);
  });

  it('is switched off by a file for one port', async () => {
    const site = await start('', 'backends = disable_by_files_ports\ndisable_by_file_paths = 1:/,2:/');
    expect((await site.ask({ path: '/healthcheck' })).status).to.equal(200);
  });

  for (const [section, named] of [
    ['backends = nothing', 'nothing'],
    ['backends = disable_by_files_ports\ndisable_by_file_paths = /only/a/path', '/only/a/path'],
  ] as const) {
    it(`refuses ${section.replaceAll('\n', ', ')}`, async () => {
      const failure = await start('', section).catch((error: Error) => error);
      expect((failure as Error).message).to.contain(named);
    });
  }

  it('can be an application, wherever it is mounted', async () => {
    bench = await createBench('', () => ({ health }));
    results = [GOOD];
    const site = await bench.serve(
      await bench.load(
        '[app:healthcheck]\nuse = egg:oslo.middleware#healthcheck\n[composite:main]\nuse = egg:Paste#urlmap\n/up = healthcheck\n',
      ),
    );
    expect((await site.ask({ path: '/up' })).text).to.equal('OK');
    results = [BAD];
    expect((await site.ask({ path: '/up' })).status).to.equal(503);
    expect((await site.ask({ path: '/up/live' })).status).to.equal(200);
  });
});
