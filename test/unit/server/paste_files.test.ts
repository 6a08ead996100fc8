import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ok } from '../../../src/common/http/results.js';
import type { Route } from '../../../src/common/http/types.js';
import { DEFAULT_RULES } from '../../../src/common/policy/defaults.js';
import { PolicyStore } from '../../../src/common/policy/index.js';
import { type LoadedApp, loadApp } from '../../../src/pipeline/index.js';
import { keystoneRegistry } from '../../../src/server/registry.js';
import { type Bench, createBench, type Site, tokenOf } from '../filters/support.js';

const PASTE = join(import.meta.dirname, '../../../paste');
const CREATE_USER: Route = {
  method: 'POST',
  path: '/users',
  access: { kind: 'protected', target: 'identity:create_user' },
  handler: ({ links }) => ok({ link: links.v3('/users') }),
};

describe('the paste files that we ship', () => {
  let bench: Bench;
  let policy: PolicyStore;
  const loaded: LoadedApp[] = [];

  beforeEach(async () => {
    policy = await PolicyStore.load({ interval: 0 });
    bench = await createBench('', () => ({
      v3Routes: [CREATE_USER],
      policy,
      openPolicy: (files) => PolicyStore.load({ ...files, interval: 0 }),
    }));
    bench.tokens.set('admin', tokenOf('admin'));
  });
  afterEach(async () => {
    for (const app of loaded.splice(0)) await app.dispose();
    await bench.close();
  });

  async function serve(file: string, name: string): Promise<Site> {
    const registry = keystoneRegistry(bench.services);
    const note = (text: string): void => void bench.notes.push(text);
    const app = await loadApp(`config:${join(PASTE, file)}`, { name, registry, note });
    loaded.push(app);
    return bench.serve(app);
  }
  const create = async (site: Site, prefix = ''): Promise<readonly [number, string]> => {
    const { status, text } = await site.ask({
      method: 'POST',
      path: `${prefix}/v3/users`,
      headers: { 'X-Auth-Token': 'admin' },
    });
    return [status, text];
  };

  for (const name of ['main', 'admin']) {
    it(`keystone-paste.ini serves ${name}, without a note`, async () => {
      const site = await serve('keystone-paste.ini', name);
      expect((await site.ask()).status).to.equal(300);
      expect((await site.ask({ path: '/v2.0/extensions' })).status).to.equal(200);
      expect((await site.ask({ path: '/healthcheck' })).status).to.equal(200);
      expect((await create(site))[0]).to.equal(200);
      expect((await site.ask({ path: '/v3/users', method: 'POST' })).status).to.equal(401);
      expect(bench.notes).to.deep.equal([]);
    });
  }

  it('each example can be served', async () => {
    for (const file of readdirSync(join(PASTE, 'examples')).filter((each) => each.endsWith('.ini'))) {
      await serve(`examples/${file}`, 'main');
    }
  });

  it('below_a_prefix.ini puts the prefix into links', async () => {
    const site = await serve('examples/below_a_prefix.ini', 'main');
    const [status, text] = await create(site, '/identity');
    expect(status).to.equal(200);
    expect(JSON.parse(text)).to.deep.equal({ link: `http://127.0.0.1:${site.port}/identity/v3/users` });
    expect((await create(site))[0]).to.equal(404);
  });

  it('metrics.ini counts each request and each filter once', async () => {
    const site = await serve('examples/metrics.ini', 'main');
    await create(site);
    const { text } = await site.ask({ path: '/metrics' });
    expect(text).to.contain('_count{method="POST",route="/v3/users",status="200"} 1');
    expect(text).to.contain('keystone_pipeline_duration_seconds_count{name="json_body",kind="filter"} 1');
  });

  it('v3_only.ini knows nothing of v2.0', async () => {
    const site = await serve('examples/v3_only.ini', 'main');
    const { versions } = JSON.parse((await site.ask()).text) as { versions: { values: { id: string }[] } };
    expect(versions.values.map(({ id }) => id)).to.deep.equal(['v3.7']);
    expect((await site.ask({ path: '/v2.0' })).status).to.equal(404);
  });

  it('read_only_public.ini denies in public what the admin stack allows', async () => {
    expect((await create(await serve('examples/read_only_public.ini', 'main')))[0]).to.equal(403);
    expect((await create(await serve('examples/read_only_public.ini', 'admin')))[0]).to.equal(200);
    const own = await PolicyStore.load({
      policyFile: join(PASTE, 'examples/read_only_public.policy.yaml'),
      interval: 0,
    });
    expect(own.current().names()).to.have.members(Object.keys(DEFAULT_RULES));
  });
});
