import { expect } from 'chai';
import { requestContext } from '../../../src/common/context.js';
import { coreRel } from '../../../src/common/http/json_home.js';
import { ok } from '../../../src/common/http/results.js';
import type { Route } from '../../../src/common/http/types.js';
import { type Bench, createBench, type Reply, type Site, tokenOf } from '../filters/support.js';

const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/things/{thing_id}',
    access: { kind: 'protected', target: 'identity:get_thing' },
    handler: ({ params, links }) => ok({ thing: params['thing_id'], link: links.v3('/things') }),
    rel: coreRel('thing'),
  },
  {
    method: 'GET',
    path: '/old',
    access: { kind: 'public', why: 'test' },
    handler: () => ok({}),
    rel: coreRel('old', { status: 'deprecated' }),
  },
];

const FILTERS = `
[filter:url_normalize]
use = egg:keystone#url_normalize
[filter:build_auth_context]
use = egg:keystone#build_auth_context
[filter:json_body]
use = egg:keystone#json_body
[filter:admin_token_auth]
use = egg:keystone#admin_token_auth
[app:public_service]
use = egg:keystone#public_service
[app:admin_service]
use = egg:keystone#admin_service
[app:service_v3]
use = egg:keystone#service_v3
[app:public_version_service]
use = egg:keystone#public_version_service
[app:admin_version_service]
use = egg:keystone#admin_version_service
[pipeline:public_api]
pipeline = url_normalize build_auth_context json_body public_service
[pipeline:admin_api]
pipeline = url_normalize build_auth_context json_body admin_service
[pipeline:api_v3]
pipeline = url_normalize admin_token_auth build_auth_context json_body service_v3
[pipeline:public_version_api]
pipeline = url_normalize public_version_service
[pipeline:admin_version_api]
pipeline = url_normalize admin_version_service
`;
const MAIN = `
[composite:main]
use = egg:Paste#urlmap
/v2.0 = public_api
/v3 = api_v3
/ = public_version_api
`;
const ADMIN = `
[composite:admin]
use = egg:Paste#urlmap
/v2.0 = admin_api
/v3 = api_v3
/ = admin_version_api
`;

const V2 = (base: string): object => ({
  id: 'v2.0',
  status: 'deprecated',
  updated: '2016-08-04T00:00:00Z',
  links: [
    { rel: 'self', href: `${base}/v2.0/` },
    { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
  ],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v2.0+json' }],
});
const V3 = (base: string): object => ({
  id: 'v3.7',
  status: 'stable',
  updated: '2016-10-06T00:00:00Z',
  links: [{ rel: 'self', href: `${base}/v3/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});
const NOT_FOUND = { error: { code: 404, title: 'Not Found', message: 'The resource could not be found.' } };

describe('the applications', () => {
  let bench: Bench;
  let site: Site;

  async function start(conf = '', paste = FILTERS + MAIN + ADMIN, name = 'main'): Promise<string> {
    bench = await createBench(conf, () => ({ v3Routes: ROUTES }));
    site = await bench.serve(await bench.load(paste, name));
    return `http://127.0.0.1:${site.port}`;
  }
  const json = async (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<[number, unknown]> => {
    const reply = await site.ask({ path, headers, method });
    expect(reply.headers['content-type']).to.equal('application/json');
    expect(reply.headers.vary).to.equal('X-Auth-Token');
    return [reply.status, JSON.parse(reply.text)];
  };
  const home = async (path: string, accept = 'application/json-home'): Promise<unknown> => {
    const reply = await site.ask({ path, headers: { Accept: accept } });
    expect(reply.status).to.equal(200);
    expect(reply.headers['content-type']).to.equal('application/json-home');
    return (JSON.parse(reply.text) as { resources: unknown }).resources;
  };

  afterEach(() => bench.close());

  describe('tell the versions', () => {
    it('at the root, to every method', async () => {
      const base = await start();
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        expect(await json('/', {}, method), method).to.deep.equal([
          300,
          { versions: { values: [V2(base), V3(base)] } },
        ]);
      }
    });

    it('at the root of each version, with or without a slash', async () => {
      const base = await start();
      for (const path of ['/v2.0', '/v2.0/'])
        expect(await json(path)).to.deep.equal([200, { version: V2(base) }]);
      for (const path of ['/v3', '/v3/'])
        expect(await json(path)).to.deep.equal([200, { version: V3(base) }]);
      expect(await json('/v3', {}, 'DELETE')).to.deep.equal([200, { version: V3(base) }]);
      expect(await json('/v2.0', { Accept: 'application/json-home' })).to.deep.equal([
        200,
        { version: V2(base) },
      ]);
    });

    it('to HEAD with the headers of GET and no body', async () => {
      await start();
      for (const path of ['/', '/v3', '/v2.0']) {
        const get = await site.ask({ path });
        const head = await site.ask({ path, method: 'HEAD' });
        expect([head.status, head.text], path).to.deep.equal([get.status, '']);
        expect(head.headers['content-length']).to.equal(get.headers['content-length']);
      }
    });

    it('whatever token comes with the request', async () => {
      await start();
      for (const path of ['/', '/v3', '/v2.0']) {
        expect((await site.ask({ path, headers: { 'X-Auth-Token': 'rubbish' } })).status).to.be.lessThan(400);
      }
    });

    it('with URLs of the configured endpoints: v3 always by the public one', async () => {
      const conf =
        '[DEFAULT]\npublic_endpoint = https://id.example:5000/x/\nadmin_endpoint = https://admin.example/\n';
      await start(conf, undefined, 'admin');
      expect(await json('/')).to.deep.equal([
        300,
        { versions: { values: [V2('https://admin.example'), V3('https://admin.example')] } },
      ]);
      expect(await json('/v2.0')).to.deep.equal([200, { version: V2('https://admin.example') }]);
      expect(await json('/v3')).to.deep.equal([200, { version: V3('https://id.example:5000/x') }]);
    });

    it('with URLs of the request, without the standard port', async () => {
      await start();
      const version = async (headers: Record<string, string>): Promise<unknown> =>
        (await json('/v3', headers))[1];
      expect(await version({ Host: 'a.example:80' })).to.deep.equal({ version: V3('http://a.example') });
      expect(await version({ Host: 'b.example:8080' })).to.deep.equal({
        version: V3('http://b.example:8080'),
      });
      expect(await version({ Host: 'c.example:443', 'X-Forwarded-Proto': 'https' })).to.deep.equal({
        version: V3('https://c.example'),
      });
    });

    it('takes the scheme from trusted proxies only', async () => {
      await start('[keystone_koa]\ntrusted_proxies = 192.0.2.1\n');
      expect(await json('/v3', { Host: 'c.example', 'X-Forwarded-Proto': 'https' })).to.deep.equal([
        200,
        { version: V3('http://c.example') },
      ]);
    });

    it('but only those that the paste file serves', async () => {
      const base = await start(
        '',
        `${FILTERS}[composite:main]\nuse = egg:Paste#urlmap\n/v3 = api_v3\n/ = public_version_api\n`,
      );
      expect(await json('/')).to.deep.equal([300, { versions: { values: [V3(base)] } }]);
      await bench.close();
      const other = await start(
        '',
        `${FILTERS}[composite:main]\nuse = egg:Paste#urlmap\n/v2.0 = public_api\n/ = public_version_api\n`,
      );
      expect(await json('/')).to.deep.equal([300, { versions: { values: [V2(other)] } }]);
      expect(await home('/')).to.deep.equal({});
    });

    it('below a prefix', async () => {
      const base = await start(
        '',
        `${FILTERS}${MAIN.replace('main', 'inner')}[composite:main]\nuse = egg:Paste#urlmap\n/identity = inner\n`,
      );
      expect(await json('/identity/v3')).to.deep.equal([200, { version: V3(`${base}/identity`) }]);
      expect(await json('/identity')).to.deep.equal([
        300,
        { versions: { values: [V2(`${base}/identity`), V3(`${base}/identity`)] } },
      ]);
    });
  });

  describe('tell where resources are', () => {
    const THING = 'http://docs.openstack.org/api/openstack-identity/3/rel/thing';
    const OLD = 'http://docs.openstack.org/api/openstack-identity/3/rel/old';
    const vars = { thing_id: 'http://docs.openstack.org/api/openstack-identity/3/param/thing_id' };

    it('to those who ask for JSON home', async () => {
      await start();
      expect(await home('/v3')).to.deep.equal({
        [THING]: { 'href-template': '/things/{thing_id}', 'href-vars': vars },
        [OLD]: { href: '/old', hints: { status: 'deprecated' } },
      });
      expect(await home('/')).to.deep.equal({
        [THING]: { 'href-template': '/v3/things/{thing_id}', 'href-vars': vars },
        [OLD]: { href: '/v3/old', hints: { status: 'deprecated' } },
      });
    });

    it('and to nobody who prefers JSON or something else', async () => {
      await start();
      for (const accept of [
        'application/json, application/json-home',
        '*/*',
        'text/html',
        'application/json-home;q=0.1, application/json;q=0.2',
        'rubbish',
      ]) {
        expect((await json('/v3', { Accept: accept }))[0], accept).to.equal(200);
        expect((await json('/', { Accept: accept }))[0], accept).to.equal(300);
      }
      await home('/v3', 'application/json;q=0.5, application/json-home;q=0.7');
    });
  });

  describe('answer what is not routed with the 404 of the API', () => {
    for (const [method, path] of [
      ['GET', '/v4'],
      ['GET', '/v3.7'],
      ['GET', '/v3/nothing'],
      ['POST', '/v3/old'],
      ['TRACE', '/v3/old'],
      ['OPTIONS', '/v3/old'],
      ['GET', '/v3/things'],
      ['GET', '/v3/things/a/b'],
      ['GET', '/v3/OLD'],
      ['GET', '/v2.0/nothing'],
      ['GET', '/v2.0/extensions/a/b'],
    ] as const) {
      it(`${method} ${path}`, async () => {
        await start();
        expect(await json(path, {}, method)).to.deep.equal([404, NOT_FOUND]);
      });
    }
  });

  it('decide by policy who may use a route', async () => {
    await start('[DEFAULT]\nadmin_token = ADMIN\n');
    bench.tokens.set('good', tokenOf('good'));
    const status = async (token: string): Promise<Reply> =>
      site.ask({ path: '/v3/things/x', headers: { 'X-Auth-Token': token } });
    expect((await status('good')).status).to.equal(403);
    const anonymous = await status('rubbish');
    expect(anonymous.status).to.equal(401);
    expect(anonymous.headers['www-authenticate']).to.equal(`Keystone uri="http://127.0.0.1:${site.port}"`);
    expect((await status('ADMIN')).status).to.equal(200);
  });

  it('do not let a route answer without a decision, with or without the filter rbac', async () => {
    const careless: Route = {
      method: 'GET',
      path: '/careless',
      access: { kind: 'public', why: 'test' },
      handler: ({ context }) => {
        context.decision = null;
        return ok({ secret: 1 });
      },
    };
    bench = await createBench('', () => ({ v3Routes: [careless] }));
    site = await bench.serve(await bench.load(FILTERS, 'api_v3'));
    const reply = await site.ask({ path: '/careless' });
    expect(reply.status).to.equal(500);
    expect(reply.text).to.not.contain('secret');
    expect(bench.log.lines.join('\n')).to.contain('GET /careless answered without a policy decision');
  });

  describe('list the extensions of v2.0', () => {
    const aliases = async (): Promise<string[]> => {
      const [status, body] = await json('/v2.0/extensions');
      expect(status).to.equal(200);
      return (body as { extensions: { values: { alias: string }[] } }).extensions.values.map(
        ({ alias }) => alias,
      );
    };
    const BOTH = ['OS-EC2', 'OS-FEDERATION', 'OS-OAUTH1', 'OS-REVOKE', 'OS-SIMPLE-CERT'];

    it('of the public application', async () => {
      await start();
      expect(await aliases()).to.have.members([...BOTH, 'OS-KSCRUD']);
      expect((await json('/v2.0/extensions/OS-KSADM'))[0]).to.equal(404);
    });

    it('with the page that describes each, of v2.0 or of v3', async () => {
      await start();
      const page = async (alias: string): Promise<unknown> => {
        const [, body] = await json(`/v2.0/extensions/${alias}`);
        return (body as { extension: { links: { href: string }[] } }).extension.links[0]?.href;
      };
      for (const alias of ['OS-EC2', 'OS-KSCRUD', 'OS-SIMPLE-CERT']) {
        expect(await page(alias)).to.equal('http://developer.openstack.org/api-ref-identity-v2-ext.html');
      }
      for (const alias of ['OS-FEDERATION', 'OS-OAUTH1', 'OS-REVOKE']) {
        expect(await page(alias)).to.equal('http://developer.openstack.org/api-ref-identity-v3-ext.html');
      }
    });

    it('of the admin application, also one by one', async () => {
      await start('', undefined, 'admin');
      expect(await aliases()).to.have.members([...BOTH, 'OS-KSADM', 's3tokens']);
      const [status, body] = await json('/v2.0/extensions/s3tokens');
      expect(status).to.equal(200);
      expect(body).to.have.nested.property(
        'extension.namespace',
        'http://docs.openstack.org/identity/api/ext/s3tokens/v1.0',
      );
      expect(body).to.have.nested.property('extension.updated', '2013-07-07T12:00:0-00:00');
      expect((body as { extension: object }).extension).to.have.all.keys(
        'alias',
        'name',
        'namespace',
        'updated',
        'description',
        'links',
      );
      expect(await json('/v2.0/extensions/nothing')).to.deep.equal([
        404,
        { error: { code: 404, title: 'Not Found', message: 'Could not find: nothing' } },
      ]);
    });
  });

  it('need the filters that they cannot work without', async () => {
    bench = await createBench();
    const paste = FILTERS.replace(
      'url_normalize admin_token_auth build_auth_context json_body service_v3',
      'json_body service_v3',
    );
    const failure = await bench.load(paste, 'api_v3').catch((error: Error) => error);
    expect((failure as Error).message).to.match(/'service_v3' needs 'auth_context'/);
  });

  it('ignore settings of their sections', async () => {
    await start('', FILTERS.replace('#service_v3', '#service_v3\nanything = 1') + MAIN);
    expect((await site.ask({ path: '/v3' })).status).to.equal(200);
  });

  it('keep no document for every Host that somebody makes up', async () => {
    await start();
    for (let n = 0; n < 200; n += 1) await site.ask({ path: '/v3', headers: { Host: `h${n}.example` } });
    expect(await json('/v3', { Host: 'h0.example' })).to.deep.equal([
      200,
      { version: V3('http://h0.example') },
    ]);
  });

  it('say in the log context which route answered', async () => {
    bench = await createBench('', () => ({ v3Routes: ROUTES }));
    const app = await bench.load(FILTERS, 'api_v3');
    const seen: (string | null)[] = [];
    site = await bench.serve(async (ctx, next) => {
      await app(ctx, next);
      seen.push(requestContext(ctx).route);
    });
    for (const path of ['/', '/old', '/things/1', '/nothing']) await site.ask({ path });
    expect(seen).to.deep.equal(['/', '/old', '/things/{thing_id}', null]);
  });
});
