import { connect } from 'node:net';
import { expect } from 'chai';
import { requestContext } from '../../../src/common/context.js';
import { type Bench, createBench, type Site, serveFilters } from './support.js';

const PLAIN = `413 Request Entity Too Large

Request is too large. Larger than max_request_body_size (1000).

   `;

describe('the filter sizelimit', () => {
  let bench: Bench;
  let site: Site;
  let reached: number;

  before(async () => {
    bench = await createBench('[oslo_middleware]\nmax_request_body_size = 1000\n');
    site = await serveFilters(bench, ['sizelimit', 'request_id', 'json_body'], (ctx) => {
      reached += 1;
      ctx.body = JSON.stringify(requestContext(ctx).body);
    });
  });
  after(() => bench.close());
  beforeEach(() => {
    reached = 0;
  });

  const chunked = { 'Transfer-Encoding': 'chunked' };
  const tooBig = 'x'.repeat(1001);

  it('lets through what fits', async () => {
    const body = JSON.stringify({ a: 'x'.repeat(992) });
    expect(body.length).to.equal(1000);
    expect((await site.ask({ method: 'POST', body })).status).to.equal(200);
    expect((await site.ask({ method: 'POST', body: [Buffer.from(body)], headers: chunked })).text).to.equal(
      body,
    );
    expect((await site.ask()).text).to.equal('null');
    expect(reached).to.equal(3);
  });

  it('refuses an announced length at once, as a plain page', async () => {
    const reply = await site.ask({ method: 'POST', body: tooBig });
    expect(reply).to.include({ status: 413, message: 'Request Entity Too Large', text: PLAIN });
    expect(reply.headers['content-type']).to.equal('text/plain; charset=UTF-8');
    expect(reply.headers).to.not.have.any.keys('vary', 'x-openstack-request-id');
    expect(reached).to.equal(0);
  });

  it('refuses a body of unknown length as soon as it is too long', async () => {
    const pieces = Array.from({ length: 11 }, () => Buffer.alloc(100, 'x'));
    const reply = await site.ask({ method: 'POST', body: pieces, headers: chunked });
    expect(reply.status).to.equal(413);
    expect(reply.text).to.equal(
      '413 Request Entity Too Large\n\nRequest is too large. Larger than 1000.\n\n   ',
    );
    expect(reply.headers).to.not.have.any.keys('vary', 'x-openstack-request-id');
    expect(reached).to.equal(0);
  });

  for (const [accept, type, text] of [
    ['text/html', 'text/html; charset=UTF-8', /^<html>[^]*<h1>413 Request Entity Too Large<\/h1>/],
    ['*/*', 'text/html; charset=UTF-8', /^<html>/],
    ['application/json', 'application/json', /^\{"message":"Request is too large/],
    ['application/json, text/html;q=0.5', 'application/json', /^\{/],
    ['text/plain', 'text/plain; charset=UTF-8', /^413/],
    ['image/png', 'text/plain; charset=UTF-8', /^413/],
  ] as const) {
    it(`answers Accept: ${accept} as ${type}`, async () => {
      const reply = await site.ask({ method: 'POST', body: tooBig, headers: { Accept: accept } });
      expect(reply.status).to.equal(413);
      expect(reply.headers['content-type']).to.equal(type);
      expect(reply.text).to.match(text);
    });
  }

  it('keeps the connection usable after bodies of a megabyte', async () => {
    const big = 'x'.repeat(1_000_000);
    const replies = await site.raw(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${big.length}\r\n\r\n${big}` +
        `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n` +
        'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{"a":1}',
    );
    expect([...replies.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1])).to.deep.equal([
      '413',
      '413',
      '200',
    ]);
  });

  it('cuts off a client that sends on and on', async () => {
    const socket = connect(site.port, '127.0.0.1');
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 ** 40}\r\n\r\n`);
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const send = (error?: Error | null): void => {
      if (!error && socket.writable) socket.write(piece, send);
    };
    send();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).to.match(/^HTTP\/1\.1 413 /);
  });

  it('takes its limit from its section', async () => {
    const section = 'use = egg:oslo.middleware#sizelimit\nmax_request_body_size = 10';
    const own = await serveFilters(bench, [{ name: 'limit', section }, 'json_body'], (ctx) => {
      ctx.body = 'ok';
    });
    expect((await own.ask({ method: 'POST', body: '{"a":  1}' })).status).to.equal(200);
    expect((await own.ask({ method: 'POST', body: '{"a":    1}' })).status).to.equal(413);
  });

  it('lets json_body read more than the configuration says when its section allows it', async () => {
    const section = 'use = egg:oslo.middleware#sizelimit\nmax_request_body_size = 5000';
    const own = await serveFilters(bench, [{ name: 'limit', section }, 'json_body'], (ctx) => {
      ctx.body = 'ok';
    });
    const body = JSON.stringify({ a: 'x'.repeat(4000) });
    expect((await own.ask({ method: 'POST', body })).status).to.equal(200);
    expect((await own.ask({ method: 'POST', body: [Buffer.from(body)], headers: chunked })).status).to.equal(
      200,
    );
  });
});
