import { connect } from 'node:net';
import { expect } from 'chai';
import type { Middleware } from 'koa';
import { requestContext } from '../../../src/common/context.js';
import { type Bench, createBench, type Reply, type Site, serveFilters } from './support.js';

const tell: Middleware = (ctx) => {
  ctx.body = JSON.stringify(requestContext(ctx).body);
};

const JSON_TYPE = { 'Content-Type': 'application/json' };
const MALFORMED =
  'the server could not comply with the request since it is either malformed or otherwise incorrect.' +
  ' The client is assumed to be in error.';

describe('the filter json_body', () => {
  let bench: Bench;
  let site: Site;

  before(async () => {
    bench = await createBench();
    site = await serveFilters(bench, ['json_body'], tell);
  });
  after(() => bench.close());

  const post = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): Promise<Reply> =>
    site.ask({ method: 'POST', body, headers });

  async function refused(body: string | Buffer, headers?: Record<string, string>): Promise<string> {
    const reply = await post(body, headers);
    expect(reply.status, reply.text).to.equal(400);
    expect(reply.headers['content-type']).to.equal('application/json');
    expect(reply.headers.vary).to.equal('X-Auth-Token');
    const { error } = JSON.parse(reply.text) as { error: { code: number; title: string; message: string } };
    expect(error).to.include({ code: 400, title: 'Bad Request' });
    return error.message;
  }

  it('hands on an object', async () => {
    expect((await post('{"user": {"name": "ä\\u00e9"}, "n": [1, null]}')).text).to.equal(
      '{"user":{"name":"äé"},"n":[1,null]}',
    );
  });

  it('reads bodies of every method, in pieces too', async () => {
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const body = [Buffer.from('{"a"'), Buffer.from(': 1}')];
      const reply = await site.ask({
        method,
        body,
        headers: { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' },
      });
      expect(reply.text, method).to.equal('{"a":1}');
    }
  });

  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=x',
    '',
  ]) {
    it(`takes the content type '${type}'`, async () => {
      expect((await post('{"a":1}', type === '' ? {} : { 'Content-Type': type })).text).to.equal('{"a":1}');
    });
  }

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/json-home',
    'multipart/form-data; boundary=x',
    'text/xml; application/json',
  ]) {
    it(`refuses the content type '${type}', with a body`, async () => {
      expect(await refused('{"a":1}', { 'Content-Type': type })).to.equal(
        `Expecting to find application/json in Content-Type header - ${MALFORMED}`,
      );
    });
  }

  it('does not mind the content type of nothing', async () => {
    for (const headers of [
      { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '0' },
      { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' },
      {},
    ]) {
      const reply = await site.ask({ method: 'POST', headers });
      expect(reply.status).to.equal(200);
      expect(reply.text).to.equal('null');
    }
  });

  for (const body of ['null', '[]', '{}', '0', 'false', '""', ' {} ']) {
    it(`takes ${body} for an empty object`, async () => {
      expect((await post(body)).text).to.equal('{}');
    });
  }

  for (const body of ['[1]', '"text"', '1', 'true', '[{}]']) {
    it(`refuses ${body}, which is no object`, async () => {
      expect(await refused(body)).to.match(/^Expecting to find valid JSON object in request body - /);
    });
  }

  for (const body of [
    '{',
    ' ',
    '{"a":1}}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":1,}',
    'a=b',
    '\0',
    '\uFEFF{"a":1}',
    '{"a":"\n"}',
  ]) {
    it(`refuses ${JSON.stringify(body)}, which is no JSON`, async () => {
      expect(await refused(body)).to.match(/^Expecting to find valid JSON in request body - /);
    });
  }

  for (const [what, bytes] of [
    ['a lone continuation byte', Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ['Latin-1', Buffer.from('{"a":"é"}', 'latin1')],
    [
      'an overlong encoding',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    ],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    [
      'an encoded surrogate',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
  ] as const) {
    it(`refuses ${what}: it is not UTF-8`, async () => {
      expect(await refused(bytes)).to.match(/^Expecting to find valid JSON in request body - /);
    });
  }

  for (const body of [
    '{"a": "x\\u0000"}',
    '{"a\\u0000": 1}',
    '{"a": [[{"b": "\\u0000"}]]}',
    '{"user": {"\\u0000": 1}}',
  ]) {
    it(`refuses the NUL in ${body}`, async () => {
      expect(await refused(body)).to.contain('NUL');
    });
  }

  it('takes a backslash before u0000 for what it is', async () => {
    expect((await post('{"a": "\\\\u0000"}')).text).to.equal('{"a":"\\\\u0000"}');
  });

  it('refuses half a surrogate pair and takes a whole one', async () => {
    expect(await refused('{"a": "\\ud83d"}')).to.contain('surrogate');
    expect(await refused('{"a": {"\\uDE00": 1}}')).to.contain('surrogate');
    expect((await post('{"a": "\\ud83d\\ude00"}')).text).to.equal('{"a":"😀"}');
  });

  it('refuses brackets beyond all sense, and not those within texts', async () => {
    const bomb = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(await refused(bomb)).to.match(/^Expecting to find valid JSON in request body - /);
    expect(await refused('[{"a":'.repeat(15_000))).to.match(/valid JSON/);
    const text = `{"a":"${'[\\"{'.repeat(5_000)}"}`;
    expect((await post(text)).text).to.equal(text);
    const wide = JSON.stringify({ a: Array.from({ length: 5_000 }, () => ({ b: [] })) });
    expect((await post(wide)).text).to.equal(wide);
  });

  describe('names at the top', () => {
    for (const [given, seen] of [
      ['{"self": 1, "context": 2, "_x": 3, "__proto__": {"x": 1}, "a": 4}', '{"a":4}'],
      ['{"OS-TRUST:trust": {"a-b:c": 1}, "os-x": 2}', '{"OS_TRUST_trust":{"a-b:c":1},"os_x":2}'],
      ['{"a-b": 1, "a_b": 2}', '{"a_b":2}'],
      ['{"--proto--": {"admin": true}, "-_proto__": {"admin": true}, "b": 1}', '{"b":1}'],
      ['{"constructor": 1, "toString": 2}', '{"constructor":1,"toString":2}'],
      ['{"selfish": 1, "user": {"self": 1, "_x": 2}}', '{"selfish":1,"user":{"self":1,"_x":2}}'],
    ] as const) {
      it(`${given} becomes ${seen}`, async () => {
        expect((await post(given)).text).to.equal(seen);
      });
    }
  });

  it('refuses the name __proto__ further down, however it is written', async () => {
    expect(await refused('{"user": {"__proto__": {"admin": true}}}')).to.contain('__proto__');
    expect(await refused('{"user": [{"\\u005f_proto__": 1}]}')).to.contain('__proto__');
    expect(({} as Record<string, unknown>)['admin']).to.equal(undefined);
  });

  it('does not hand a prototype of the client to anybody', async () => {
    const other = await serveFilters(bench, ['json_body'], (ctx) => {
      const body = requestContext(ctx).body ?? {};
      ctx.body = JSON.stringify({
        admin: body['admin'] ?? null,
        own: Object.getPrototypeOf(body) === Object.prototype,
      });
    });
    const reply = await other.ask({
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"--proto--": {"admin": true}, "__proto__": {"admin": true}}',
    });
    expect(JSON.parse(reply.text)).to.deep.equal({ admin: null, own: true });
  });

  describe('without a sizelimit filter', () => {
    const big = JSON.stringify({ a: 'x'.repeat(1_000_000) });

    it('answers a body of one megabyte with 413, announced or in pieces', async () => {
      for (const asked of [
        { body: big, headers: JSON_TYPE },
        { body: [Buffer.from(big)], headers: { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' } },
      ]) {
        const reply = await site.ask({ method: 'POST', ...asked });
        expect(reply.status).to.equal(413);
        expect(JSON.parse(reply.text)).to.deep.equal({
          error: { code: 413, title: 'Request Entity Too Large', message: 'Request is too large.' },
        });
      }
    });

    it('takes a body of exactly the limit', async () => {
      const exact = JSON.stringify({ a: 'x'.repeat(114_688 - 8) });
      expect(exact.length).to.equal(114_688);
      expect((await post(exact)).status).to.equal(200);
      expect((await post(`${exact} `)).status).to.equal(413);
    });

    it('goes on with the next request of the same connection', async () => {
      const replies = await site.raw(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${big.length}\r\n\r\n${big}` +
          'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{"a":1}',
      );
      expect([...replies.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1])).to.deep.equal([
        '413',
        '200',
      ]);
    });

    it('survives a client that breaks off', async () => {
      const socket = connect(site.port, '127.0.0.1');
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"', () => socket.destroy());
      await new Promise((resolve) => socket.once('close', resolve));
      expect((await post('{"a":1}')).status).to.equal(200);
    });
  });
});
