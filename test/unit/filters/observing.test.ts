import { createHmac } from 'node:crypto';
import { mkdir, readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { requestContext } from '../../../src/common/context.js';
import { ServiceMetrics } from '../../../src/common/metrics.js';
import { SharedMetrics } from '../../../src/common/metrics_sharing.js';
import type { TracePoint } from '../../../src/filters/services.js';
import { type Bench, createBench, type Site, serveFilters } from './support.js';

describe('filters that observe', () => {
  let bench: Bench;
  afterEach(() => bench.close());

  describe('metrics', () => {
    async function start(section: string): Promise<Site> {
      bench = await createBench();
      const filter = { name: 'metrics', section: `use = egg:keystone#metrics\n${section}` };
      return serveFilters(bench, [filter, 'url_normalize'], (ctx) => {
        if (ctx.path === '/broken') throw new Error('broken');
        if (ctx.path.startsWith('/users/')) requestContext(ctx).route = '/users/{user_id}';
        ctx.body = 'x';
      });
    }
    const REQUESTS = 'keystone_http_request_duration_seconds_count';
    const REQUESTS_HELP = '# HELP keystone_http_request_duration_seconds ';

    it('counts requests by method, route and status', async () => {
      const site = await start('');
      for (const path of ['/users/a', '/users/b', '/other', '/broken']) await site.ask({ path });
      await site.ask({ method: 'DELETE', path: '/users/a' });
      const { text, headers } = await site.ask({ path: '/metrics' });
      expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
      expect(text).to.contain(`${REQUESTS}{method="GET",route="/users/{user_id}",status="200"} 2`);
      expect(text).to.contain(`${REQUESTS}{method="DELETE",route="/users/{user_id}",status="200"} 1`);
      expect(text).to.contain(`${REQUESTS}{method="GET",route="unrouted",status="200"} 1`);
      expect(text).to.contain(`${REQUESTS}{method="GET",route="unrouted",status="500"} 1`);
      expect(text).to.match(/keystone_http_requests_in_progress 0\n/);
      expect(text).to.match(/process_cpu_seconds_total/);
    });

    it('tells the time of every filter and application', async () => {
      const site = await start('');
      await site.ask();
      const { text } = await site.ask({ path: '/metrics' });
      for (const labels of ['name="url_normalize",kind="filter"', 'name="end",kind="app"']) {
        expect(text).to.match(new RegExp(`keystone_pipeline_duration_seconds_count\\{${labels}\\} 1\n`));
      }
    });

    it('answers at the path of its section', async () => {
      const site = await start('path = /figures');
      expect((await site.ask({ path: '/metrics' })).text).to.equal('x');
      expect((await site.ask({ path: '/figures' })).text).to.contain('keystone_');
    });

    it('adds up the figures of all workers that live', async () => {
      const site = await start('shared_dir = %(here)s/shared');
      await site.ask({ path: '/users/a' });
      await site.ask({ path: '/metrics' });
      // A second worker and one that is gone, as they would leave their files.
      const folder = join(bench.folder, 'shared');
      const other = new ServiceMetrics();
      other.requestBegins();
      other.requestEnds({ method: 'GET', route: '/users/{user_id}', status: '200' }, 0.01);
      const figures = JSON.stringify(await other.registry.getMetricsAsJSON());
      await writeFile(join(folder, `${process.ppid}.json`), figures);
      await writeFile(join(folder, '999999999.json'), figures);
      const { text } = await site.ask({ path: '/metrics' });
      expect(text).to.contain(`${REQUESTS}{method="GET",route="/users/{user_id}",status="200"} 2`);
      // What is being written has another name.
      const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      expect(files).to.have.members([`${process.pid}.json`, `${process.ppid}.json`]);
    });

    it('answers however many ask at once, and whenever another worker ends', async () => {
      bench = await createBench();
      const folder = join(bench.folder, 'shared');
      await mkdir(folder);
      const { registry } = new ServiceMetrics();
      const errors: unknown[] = [];
      // Each pipeline of a process has a filter of its own, and all of them the same figures and file.
      const pipelines = [1, 2, 3].map(
        () => new SharedMetrics(registry, folder, (error) => errors.push(error), 0),
      );
      const gone = join(folder, `${process.ppid}.json`);
      for (let turn = 0; turn < 20; turn += 1) {
        for (const shared of pipelines) shared.touch();
        await writeFile(gone, '[]');
        const answers = pipelines.map((shared) => shared.text());
        await unlink(gone);
        for (const text of await Promise.all(answers)) expect(text).to.contain(REQUESTS_HELP);
      }
      await Promise.all(pipelines.map((shared) => shared.dispose()));
      expect(errors).to.deep.equal([]);
      expect(await readdir(folder)).to.deep.equal([`${process.pid}.json`]);
    });

    it('writes its figures a moment after they change', async () => {
      bench = await createBench();
      const errors: unknown[] = [];
      const shared = new SharedMetrics(
        new ServiceMetrics().registry,
        bench.folder,
        (error) => errors.push(error),
        5,
      );
      shared.touch();
      while (!(await readdir(bench.folder)).includes(`${process.pid}.json`)) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await shared.dispose();
      expect(errors).to.deep.equal([]);
    });
  });

  describe('osprofiler', () => {
    const points: TracePoint[] = [];
    const pack = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');
    const sign = (info: string, key: string): string => createHmac('sha1', key).update(info).digest('hex');

    async function start(conf: string): Promise<Site> {
      points.splice(0);
      bench = await createBench(conf, () => ({ trace: (point) => void points.push(point) }));
      const filter = { name: 'osprofiler', section: 'use = egg:osprofiler#osprofiler' };
      return serveFilters(bench, [filter], (ctx) => {
        if (ctx.path === '/broken') throw new Error('broken');
        ctx.body = 'x';
      });
    }
    async function traced(site: Site, info: string, hmac: string, path = '/a?b=c'): Promise<number> {
      points.splice(0);
      const reply = await site.ask({ path, headers: { 'X-Trace-Info': info, 'X-Trace-HMAC': hmac } });
      expect(reply.status).to.be.oneOf([200, 500]);
      return points.length;
    }
    const ON = '[profiler]\nenabled = true\nhmac_keys = one, two\n';
    const GOOD = pack({ base_id: 'b', parent_id: 'p' });

    it('is off unless it is on', async () => {
      const site = await start('[profiler]\nhmac_keys = one\n');
      expect(await traced(site, GOOD, sign(GOOD, 'one'))).to.equal(0);
    });

    it('traces what is signed with one of its keys', async () => {
      const site = await start(ON);
      for (const key of ['one', 'two']) expect(await traced(site, GOOD, sign(GOOD, key))).to.equal(2);
      const [start_, stop] = points as [TracePoint, TracePoint];
      expect(start_).to.deep.include({ name: 'wsgi-start', base_id: 'b', parent_id: 'p' });
      expect(start_.info).to.deep.equal({
        request: { path: '/a', query: 'b=c', method: 'GET', scheme: 'http' },
      });
      expect(stop).to.include({ name: 'wsgi-stop', trace_id: start_.trace_id });
      expect(await traced(site, GOOD, sign(GOOD, 'one'), '/broken')).to.equal(2);
    });

    it('traces nothing else', async () => {
      const site = await start(ON);
      for (const [info, hmac] of [
        [GOOD, sign(GOOD, 'three')],
        [GOOD, ''],
        ['', sign('', 'one')],
        [GOOD, 'x'],
        ...[{ parent_id: 'p' }, { base_id: 'b', extra: 1 }, { base_id: 1 }, [], null, 'text'].map(
          (content) => {
            const packed = pack(content);
            return [packed, sign(packed, 'one')] as const;
          },
        ),
        ['%%%', sign('%%%', 'one')],
      ] as const) {
        expect(await traced(site, info, hmac), `${info} ${hmac}`).to.equal(0);
      }
    });
  });
});
