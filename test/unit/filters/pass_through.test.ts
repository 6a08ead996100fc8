import { expect } from 'chai';
import type { Middleware } from 'koa';
import { requestContext, scriptName } from '../../../src/common/context.js';
import { baseUrlOf } from '../../../src/common/http/base_url.js';
import { type Bench, createBench, serveFilters } from './support.js';

/** Answers what it knows of the request. */
const tell: Middleware = (ctx) => {
  const { requestId, tokenId, subjectTokenId, isAdmin, forwardedHost, forwardedScheme } = requestContext(ctx);
  ctx.body = {
    requestId,
    tokenId,
    subjectTokenId,
    isAdmin,
    forwardedHost,
    forwardedScheme,
    path: ctx.path,
    search: ctx.search,
    script: scriptName(ctx),
    base: baseUrlOf(null)(ctx),
  };
};

describe('filters that only look', () => {
  let bench: Bench;
  const told = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

  afterEach(() => bench.close());

  describe('url_normalize', () => {
    for (const [asked, seen] of [
      ['/v3/users/', '/v3/users'],
      ['/v3/users//', '/v3/users/'],
      ['/v3/users', '/v3/users'],
      ['/', '/'],
      ['/a/?x=/', '/a'],
    ] as const) {
      it(`makes ${seen} of ${asked}`, async () => {
        bench = await createBench();
        const site = await serveFilters(bench, ['url_normalize'], tell);
        expect(told((await site.ask({ path: asked })).text)).to.include({ path: seen });
      });
    }

    it('keeps the query', async () => {
      bench = await createBench();
      const site = await serveFilters(bench, ['url_normalize'], tell);
      expect(told((await site.ask({ path: '/a/?x=1&y=%2F' })).text)).to.include({
        path: '/a',
        search: '?x=1&y=%2F',
      });
    });

    it('leaves a target alone that is no path', async () => {
      bench = await createBench();
      const site = await serveFilters(bench, ['url_normalize'], (ctx) => {
        ctx.body = 'answered';
      });
      const reply = await site.raw('GET foo://bar HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      expect(reply).to.match(/^HTTP\/1\.1 200 /);
    });
  });

  describe('request_id', () => {
    it('gives each request an id of its own and ignores the one that the client sends', async () => {
      bench = await createBench();
      const site = await serveFilters(bench, ['request_id'], tell);
      const ids = new Set<unknown>();
      for (let n = 0; n < 3; n += 1) {
        const { headers, text } = await site.ask({ headers: { 'X-Openstack-Request-Id': 'req-mine' } });
        expect(headers['x-openstack-request-id']).to.match(/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        expect(told(text)['requestId']).to.equal(headers['x-openstack-request-id']);
        ids.add(headers['x-openstack-request-id']);
      }
      expect(ids.size).to.equal(3);
    });

    it('leaves an id alone that was answered further in', async () => {
      bench = await createBench();
      const site = await serveFilters(bench, ['request_id'], (ctx) => {
        ctx.set('X-Openstack-Request-Id', 'req-inner');
        ctx.body = 'x';
      });
      expect((await site.ask()).headers['x-openstack-request-id']).to.equal('req-inner');
    });
  });

  it('token_auth takes both token ids over and never rejects', async () => {
    bench = await createBench();
    const site = await serveFilters(bench, ['token_auth'], tell);
    const both = await site.ask({ headers: { 'X-Auth-Token': ' t1 ', 'X-Subject-Token': 't2' } });
    expect(told(both.text)).to.include({ tokenId: 't1', subjectTokenId: 't2' });
    expect(told((await site.ask()).text)).to.include({ tokenId: null, subjectTokenId: null });
  });

  describe('admin_token_auth', () => {
    it('makes the holder of the admin token an administrator, and nobody else', async () => {
      bench = await createBench('[DEFAULT]\nadmin_token = ADMIN\n');
      const site = await serveFilters(bench, ['admin_token_auth'], tell);
      const isAdmin = async (token: string): Promise<unknown> =>
        told((await site.ask({ headers: { 'X-Auth-Token': token } })).text)['isAdmin'];
      expect(await isAdmin('ADMIN')).to.equal(true);
      expect(await isAdmin('ADMINX')).to.equal(false);
      expect(await isAdmin('admin')).to.equal(false);
      expect(told((await site.ask()).text)['isAdmin']).to.equal(false);
    });

    it('knows no administrator while there is no admin token', async () => {
      for (const conf of ['', '[DEFAULT]\nadmin_token =\n']) {
        bench = await createBench(conf);
        const site = await serveFilters(bench, ['admin_token_auth'], tell);
        for (const token of ['', 'None', 'null']) {
          expect(told((await site.ask({ headers: { 'X-Auth-Token': token } })).text)['isAdmin']).to.equal(
            false,
          );
        }
        if (conf === '') await bench.close();
      }
    });
  });

  describe('http_proxy_to_wsgi', () => {
    const ON = '[oslo_middleware]\nenable_proxy_headers_parsing = true\n';
    const HEADERS = {
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'cloud.example:443',
      'X-Forwarded-Prefix': '/identity/',
    };

    it('does nothing while it is off', async () => {
      bench = await createBench();
      const site = await serveFilters(bench, ['http_proxy_to_wsgi'], tell);
      expect(told((await site.ask({ headers: HEADERS })).text)).to.include({
        base: `http://127.0.0.1:${site.port}`,
      });
    });

    it('builds links from what a trusted proxy says', async () => {
      bench = await createBench(ON);
      const site = await serveFilters(bench, ['http_proxy_to_wsgi'], tell);
      expect(told((await site.ask({ headers: HEADERS })).text)).to.include({
        forwardedScheme: 'https',
        forwardedHost: 'cloud.example:443',
        script: '/identity',
        base: 'https://cloud.example/identity',
      });
    });

    it('believes nobody else', async () => {
      bench = await createBench(`${ON}[keystone_koa]\ntrusted_proxies = 192.0.2.1\n`);
      const site = await serveFilters(bench, ['http_proxy_to_wsgi'], tell);
      expect(told((await site.ask({ headers: HEADERS })).text)).to.include({
        forwardedScheme: null,
        forwardedHost: null,
        script: '',
      });
    });

    it('prefers Forwarded, and of it the first element', async () => {
      bench = await createBench(ON);
      const site = await serveFilters(bench, ['http_proxy_to_wsgi'], tell);
      const Forwarded = 'for=192.0.2.60; Proto=https;host="a.example:8443", proto=http;host=b.example';
      expect(told((await site.ask({ headers: { ...HEADERS, Forwarded } })).text)).to.include({
        base: 'https://a.example:8443/identity',
      });
    });

    it('takes nothing into links that could break out of them', async () => {
      bench = await createBench(ON);
      const site = await serveFilters(bench, ['http_proxy_to_wsgi'], tell);
      const headers = {
        'X-Forwarded-Proto': 'javascript',
        'X-Forwarded-Host': 'a.example/"><script>',
        'X-Forwarded-Prefix': '/x" onload="',
      };
      expect(told((await site.ask({ headers })).text)).to.include({
        forwardedScheme: null,
        forwardedHost: null,
        script: '',
      });
    });

    it('can be switched on by its section alone', async () => {
      bench = await createBench();
      const section = 'use = egg:oslo.middleware#http_proxy_to_wsgi\nenable_proxy_headers_parsing = yes';
      const site = await serveFilters(bench, [{ name: 'proxy', section }], tell);
      expect(told((await site.ask({ headers: HEADERS })).text)).to.include({ forwardedScheme: 'https' });
    });
  });
});
