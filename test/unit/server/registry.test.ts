import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ok } from '../../../src/common/http/results.js';
import type { Route } from '../../../src/common/http/types.js';
import { keystoneRegistry } from '../../../src/server/registry.js';
import { type Bench, createBench, tokenOf } from '../filters/support.js';

const RELEASES = ['kilo', 'liberty', 'mitaka', 'newton', 'ocata', 'pike', 'rocky'] as const;
/** Filters of the stock file that do nothing any more. */
const REMOVED: Readonly<Record<(typeof RELEASES)[number], readonly string[]>> = {
  kilo: [
    'crud_extension',
    'endpoint_filter_extension',
    'endpoint_policy_extension',
    'federation_extension',
    'oauth1_extension',
    'revoke_extension',
    'simple_cert_extension',
    'user_crud_extension',
  ],
  liberty: [
    'crud_extension',
    'endpoint_filter_extension',
    'federation_extension',
    'oauth1_extension',
    'revoke_extension',
    'simple_cert_extension',
    'user_crud_extension',
  ],
  mitaka: [],
  newton: [],
  ocata: [],
  pike: [],
  rocky: [],
};

const PROJECTS: Route = {
  method: 'POST',
  path: '/projects',
  access: { kind: 'authenticated', why: 'test' },
  handler: ({ body, context, links }) =>
    ok({ body, user: context.auth?.userId, subject: context.subjectTokenId, link: links.v3('/projects') }),
};

function stock(release: string): string {
  return readFileSync(join(import.meta.dirname, '../../fixtures/paste', `${release}.ini`), 'utf8');
}

describe('the names of filters and applications', () => {
  let bench: Bench;
  afterEach(() => bench.close());

  for (const release of RELEASES) {
    for (const composite of ['main', 'admin']) {
      it(`load and serve ${composite} of the paste file of ${release}`, async () => {
        bench = await createBench('', () => ({ v3Routes: [PROJECTS] }));
        bench.tokens.set('good', tokenOf('good'));
        const site = await bench.serve(await bench.load(stock(release), composite));
        const base = `http://127.0.0.1:${site.port}`;

        const versions = await site.ask();
        expect(versions.status).to.equal(300);
        expect(JSON.parse(versions.text)).to.have.nested.property('versions.values.length', 2);
        expect(versions.headers).to.not.have.property('x-openstack-request-id');

        const created = await site.ask({
          method: 'POST',
          path: '/v3/projects/',
          headers: { 'X-Auth-Token': 'good', 'X-Subject-Token': 'other', 'Content-Type': 'application/json' },
          body: '{"project": {"name": "ä"}}',
        });
        expect(JSON.parse(created.text)).to.deep.equal({
          body: { project: { name: 'ä' } },
          user: 'u1',
          subject: 'other',
          link: `${base}/v3/projects`,
        });
        expect(created.headers['x-openstack-request-id']).to.match(/^req-/);
        expect((await site.ask({ method: 'POST', path: '/v3/projects' })).status).to.equal(401);
        expect((await site.ask({ path: '/v2.0/extensions' })).status).to.equal(200);
        expect((await site.ask({ path: '/v3/projects' })).status).to.equal(404);
      });
    }

    it(`say aloud what of ${release} does nothing any more`, async () => {
      bench = await createBench();
      await bench.load(stock(release), 'main');
      await bench.load(stock(release), 'admin');
      const named = new Set(bench.notes.map((note) => /\b(\w+_extension|xml_\w+)\b/.exec(note)?.[1] ?? note));
      expect([...named].sort()).to.deep.equal([...REMOVED[release]]);
      for (const note of bench.notes) expect(note).to.match(/paste\.ini:\d+.*does nothing any more/);
    });
  }

  it('are those of the files that hold them, one filter each', async () => {
    bench = await createBench();
    const registry = keystoneRegistry(bench.services);
    const files = readdirSync(join(import.meta.dirname, '../../../src/filters'))
      .filter((file) => file.endsWith('.ts') && file !== 'services.ts' && file !== 'removed.ts')
      .map((file) => file.replace(/\.ts$/, ''));
    expect(files).to.include('token_auth');
    for (const name of files) {
      expect(registry.entries('keystone', name).has('paste.filter_factory'), name).to.equal(true);
    }
  });

  it('of oslo.middleware and osprofiler are theirs, however the distribution is spelled', async () => {
    bench = await createBench();
    const registry = keystoneRegistry(bench.services);
    for (const name of ['cors', 'debug', 'healthcheck', 'http_proxy_to_wsgi', 'request_id', 'sizelimit']) {
      for (const egg of ['oslo.middleware', 'oslo_middleware', 'Oslo-Middleware']) {
        expect(registry.entries(egg, name).has('paste.filter_factory'), `${egg}#${name}`).to.equal(true);
      }
    }
    expect(registry.entries('osprofiler', 'osprofiler').has('paste.filter_factory')).to.equal(true);
  });

  it('include the stubs of Kilo for XML', async () => {
    bench = await createBench();
    const sections = ['XmlBodyMiddleware', 'XmlBodyMiddlewareV2', 'XmlBodyMiddlewareV3'].map(
      (name) => `[filter:${name}]\npaste.filter_factory = keystone.middleware:${name}.factory\n`,
    );
    await bench.load(
      `${sections.join('')}[app:versions]\npaste.app_factory = keystone.service:public_version_app_factory\n` +
        '[pipeline:main]\npipeline = XmlBodyMiddleware XmlBodyMiddlewareV2 XmlBodyMiddlewareV3 versions\n',
    );
    expect(bench.notes).to.have.length(3);
    expect(bench.notes[0]).to.contain('JSON only');
  });

  it('give the nearest one for a wrong one', async () => {
    bench = await createBench();
    const failure = await bench
      .load(
        '[filter:x]\nuse = egg:keystone#token_aut\n[app:a]\nuse = egg:keystone#service_v3\n[pipeline:main]\npipeline = x a\n',
      )
      .catch((error: Error) => error);
    expect((failure as Error).message).to.match(/paste\.ini:2.*token_aut.*nearest: .*token_auth/);
  });
});
