import { expect } from 'chai';
import type { Middleware } from 'koa';
import { type Bench, createBench, type Reply, type Site, serveFilters } from './support.js';

const CONF = `
[cors]
allowed_origin = https://one.example,https://two.example

[cors.wild]
allowed_origin = *
allow_credentials = false
max_age = 0
allow_methods = GET
allow_headers = X-Only
expose_headers =

[cors.again]
allowed_origin = https://one.example
max_age = 1
`;

const answer: Middleware = (ctx) => {
  if (ctx.path === '/own') ctx.set('Access-Control-Allow-Origin', 'https://own.example');
  if (ctx.path === '/missing') ctx.status = 404;
  else ctx.body = 'answered';
  ctx.set('Vary', 'X-Auth-Token');
  ctx.set('X-Openstack-Request-Id', 'req-1');
};

function corsOf({ headers }: Reply): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
}

describe('the filter cors', () => {
  let bench: Bench;
  let site: Site;

  async function start(conf: string, section?: string): Promise<void> {
    bench = await createBench(conf);
    const filter = {
      name: 'cors',
      section: section ?? 'use = egg:oslo.middleware#cors\noslo_config_project = keystone',
    };
    site = await serveFilters(bench, [filter], answer);
  }
  const preflight = (origin: string, more: Record<string, string>, path = '/missing'): Promise<Reply> =>
    site.ask({ method: 'OPTIONS', path, headers: { Origin: origin, ...more } });

  afterEach(() => bench.close());

  it('tells a known origin what it may see', async () => {
    await start(CONF);
    const reply = await site.ask({ headers: { Origin: 'https://one.example' } });
    expect(corsOf(reply)).to.deep.equal({
      'access-control-allow-origin': 'https://one.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-Auth-Token,X-Openstack-Request-Id,X-Subject-Token',
    });
    expect(reply.headers.vary).to.equal('X-Auth-Token,Origin');
    expect(reply.text).to.equal('answered');
  });

  it('answers any other origin by the section of *', async () => {
    await start(CONF);
    const reply = await site.ask({ headers: { Origin: 'https://three.example' } });
    expect(corsOf(reply)).to.deep.equal({ 'access-control-allow-origin': '*' });
  });

  it('compares origins exactly', async () => {
    await start('[cors]\nallowed_origin = https://one.example\n');
    for (const origin of ['https://ONE.example', 'https://one.example/', 'http://one.example', 'null']) {
      const reply = await site.ask({ headers: { Origin: origin } });
      expect(corsOf(reply), origin).to.deep.equal({});
      expect(reply.headers.vary, origin).to.equal('X-Auth-Token');
    }
  });

  it('adds nothing where no origin is allowed, but OPTIONS is still answered', async () => {
    await start('');
    expect(corsOf(await site.ask({ headers: { Origin: 'https://one.example' } }))).to.deep.equal({});
    const options = await preflight('https://one.example', { 'Access-Control-Request-Method': 'GET' });
    expect(options.status).to.equal(200);
    expect(corsOf(options)).to.deep.equal({});
  });

  it('makes an empty 200 of what the application does not know', async () => {
    await start(CONF);
    const { status, headers, text } = await site.ask({ method: 'OPTIONS', path: '/missing' });
    expect(status).to.equal(200);
    expect(text).to.equal('');
    expect(headers).to.not.have.any.keys('content-type', 'vary', 'x-openstack-request-id');
    expect(headers['content-length']).to.equal('0');
  });

  it('keeps what the application answers to OPTIONS itself', async () => {
    await start(CONF);
    const reply = await preflight(
      'https://one.example',
      { 'Access-Control-Request-Method': 'PUT' },
      '/known',
    );
    expect(reply.text).to.equal('answered');
    expect(reply.headers['x-openstack-request-id']).to.equal('req-1');
    expect(corsOf(reply)).to.include({ 'access-control-allow-methods': 'PUT' });
  });

  it('answers a preflight', async () => {
    await start(CONF);
    const reply = await preflight('https://two.example', {
      'Access-Control-Request-Method': 'PATCH',
      'Access-Control-Request-Headers': 'x-auth-token , Content-Type,,X-SUBJECT-TOKEN',
    });
    expect(corsOf(reply)).to.deep.equal({
      'access-control-allow-origin': 'https://two.example',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '3600',
      'access-control-allow-methods': 'PATCH',
      'access-control-allow-headers': 'x-auth-token,Content-Type,X-SUBJECT-TOKEN',
    });
    expect(reply.headers.vary).to.equal('Origin');
  });

  it('leaves out what a section switches off', async () => {
    await start(CONF);
    const reply = await preflight('https://x.example', { 'Access-Control-Request-Method': 'GET' });
    expect(corsOf(reply)).to.deep.equal({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET',
    });
  });

  for (const [why, headers] of [
    ['the method is not allowed', { 'Access-Control-Request-Method': 'TRACE' }],
    ['the method is in lower case', { 'Access-Control-Request-Method': 'get' }],
    ['no method is asked for', {}],
    [
      'one header is not allowed',
      { 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'X-Auth-Token,X-Other' },
    ],
  ] as const) {
    it(`does not permit a preflight when ${why}`, async () => {
      await start(CONF);
      const reply = await preflight('https://one.example', headers);
      expect(reply.status).to.equal(200);
      expect(corsOf(reply)).to.deep.equal({});
    });
  }

  it('leaves alone what was decided further in', async () => {
    await start(CONF);
    for (const method of ['GET', 'OPTIONS']) {
      const reply = await site.ask({ method, path: '/own', headers: { Origin: 'https://one.example' } });
      expect(corsOf(reply)).to.deep.equal({ 'access-control-allow-origin': 'https://own.example' });
    }
  });

  it('takes settings from its section before those of the configuration', async () => {
    await start(
      CONF,
      'use = egg:oslo.middleware#cors\nallowed_origin = https://ini.example , https://x.example\nallow_credentials = False',
    );
    const reply = await site.ask({ headers: { Origin: 'https://ini.example' } });
    expect(corsOf(reply)).to.deep.equal({
      'access-control-allow-origin': 'https://ini.example',
      'access-control-expose-headers': 'X-Auth-Token,X-Openstack-Request-Id,X-Subject-Token',
    });
  });

  it('refuses a setting that it does not know', async () => {
    await start('');
    const section = 'use = egg:oslo.middleware#cors\nallowed_origins = https://a.example';
    const failure = await serveFilters(bench, [{ name: 'cors', section }], answer).catch(
      (error: Error) => error,
    );
    expect(failure).to.be.instanceOf(Error);
    expect((failure as Error).message).to.match(/allowed_origins.*nearest: allowed_origin/);
  });
});
