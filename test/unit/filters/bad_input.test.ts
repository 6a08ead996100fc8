import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ok } from '../../../src/common/http/results.js';
import type { HttpMethod, Route } from '../../../src/common/http/types.js';
import { type Bench, createBench, type Site, tokenOf } from './support.js';

const PASTE = readFileSync(join(import.meta.dirname, '../../fixtures/paste/newton.ini'), 'utf8');

const route = (method: HttpMethod, path: string): Route => ({
  method,
  path,
  access: { kind: 'authenticated', why: 'test' },
  handler: ({ params, body, query }) => ok({ params, body, query: Object.fromEntries(query.entries()) }),
});

const big = JSON.stringify({ a: 'x'.repeat(1_000_000) });

describe('bad input to the stock pipeline', () => {
  let bench: Bench;
  let site: Site;

  before(async () => {
    bench = await createBench('', () => ({
      v3Routes: [route('GET', '/users/{user_id}'), route('GET', '/users'), route('POST', '/users')],
    }));
    bench.tokens.set('good', tokenOf('good'));
    site = await bench.serve(await bench.load(PASTE));
  });
  after(async () => {
    // Whatever was thrown at it: nothing was unexpected.
    expect(bench.log.lines.filter((line) => line.startsWith('error'))).to.deep.equal([]);
    await bench.close();
  });
  afterEach(async () => {
    const reply = await site.ask({ path: '/v3/users', headers: { 'X-Auth-Token': 'good' } });
    expect(reply.status, 'the worker lives').to.equal(200);
  });

  /** The status of the API's error, or of success. */
  async function statusOf(bytes: string | Buffer): Promise<number> {
    const reply = await site.raw(bytes);
    const found = /^HTTP\/1\.1 (\d{3}) [^\r\n]+\r\n((?:[^\r\n]+\r\n)+)\r\n([^]*)$/.exec(reply);
    expect(found, JSON.stringify(reply.slice(0, 200))).to.not.equal(null);
    const [, status = '', headers = '', body = ''] = found ?? [];
    if (Number(status) >= 400) {
      expect(headers.toLowerCase()).to.contain('content-type: application/json');
      expect(JSON.parse(body)).to.have.nested.property('error.code', Number(status));
    }
    return Number(status);
  }
  const head = (method: string, path: string, headers: string): string =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: good\r\n${headers}\r\n`;
  const post = (body: string | Buffer, type = 'application/json'): Buffer =>
    Buffer.concat([
      Buffer.from(
        head('POST', '/v3/users', `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`),
      ),
      Buffer.from(body),
    ]);

  for (const [what, bytes, status] of [
    ['malformed JSON', post('{"user":'), 400],
    ['JSON of the wrong kind', post('[1]'), 400],
    ['a form', post('user=x', 'application/x-www-form-urlencoded'), 400],
    ['XML', post('<user/>', 'application/xml'), 400],
    ['a type that is no type', post('{"a":1}', ';;;'), 200],
    ['broken UTF-8', post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), 400],
    ['a NUL in a text', post('{"a": "\\u0000"}'), 400],
    ['a JSON bomb', post(`{"a":${'['.repeat(100_000)}`), 400],
    ['%00 in a path', head('GET', '/v3/users/a%00b', ''), 404],
    ['%00 alone', head('GET', '/v3/users/%00', ''), 404],
    ['broken UTF-8 in a path', head('GET', '/v3/users/%ff', ''), 404],
    ['half an escape in a path', head('GET', '/v3/users/%4', ''), 404],
    ['.. in a path', head('GET', '/v3/../../etc/passwd', ''), 404],
    ['escaped .. in a path', head('GET', '/v3/users/%2e%2e%2f%2e%2e', ''), 200],
    ['broken UTF-8 in a query', head('GET', '/v3/users?name=%ff', ''), 400],
    ['broken UTF-8 in the query of the version', head('GET', '/v3?x=%ff', ''), 400],
    ['%00 in a query', head('GET', '/v3/users?name=%00', ''), 400],
    ['a lone percent sign in a query', head('GET', '/v3/users?name=100%', ''), 200],
    ['a method that nobody knows', head('PROPFIND', '/v3/users', ''), 404],
    ['a target that is no path', head('GET', 'http://other.example/v3/users', ''), 200],
    ['a target that is nothing', head('GET', '*', ''), 404],
    [
      'a token of control characters',
      'GET /v3/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: \x01\r\n\r\n',
      400,
    ],
    [
      'a token of bytes beyond ASCII',
      Buffer.from(
        'GET /v3/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: \xe4\xff\r\n\r\n',
        'latin1',
      ),
      401,
    ],
    [
      'a token of 10 KB',
      `GET /v3/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: ${'x'.repeat(10_000)}\r\n\r\n`,
      401,
    ],
    ['headers of 64 KB', head('GET', '/v3/users', `X-Big: ${'x'.repeat(65_536)}\r\n`), 431],
    ['many headers', head('GET', '/v3/users', 'X-A: b\r\n'.repeat(1_500)), 200],
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['two lengths', head('POST', '/v3/users', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400],
    [
      'a length and chunks',
      head('POST', '/v3/users', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
      400,
    ],
    ['a negative length', head('POST', '/v3/users', 'Content-Length: -1\r\n'), 400],
  ] as const) {
    it(`${what}: ${status}`, async () => {
      expect(await statusOf(bytes)).to.equal(status);
    });
  }

  it('bodies of one megabyte: 413', async () => {
    for (const asked of [
      { body: big },
      { body: [Buffer.from(big)], headers: { 'Transfer-Encoding': 'chunked' } },
      { body: Buffer.alloc(1_000_000), headers: { 'Content-Type': 'application/octet-stream' } },
    ]) {
      for (const path of ['/v3/users', '/v2.0/tokens']) {
        expect((await site.ask({ method: 'POST', path, ...asked })).status).to.equal(413);
      }
    }
    // The version documents read no body.
    expect((await site.ask({ method: 'POST', body: '{' })).status).to.equal(300);
  });

  it('HEAD: the headers of GET, never a body', async () => {
    for (const [path, headers] of [
      ['/v3/users', { 'X-Auth-Token': 'good' }],
      ['/v3/users', {}],
      ['/v3/nothing', {}],
      ['/', {}],
    ] as const) {
      const get = await site.ask({ path, headers });
      const head = await site.ask({ method: 'HEAD', path, headers });
      expect([head.status, head.text]).to.deep.equal([get.status, '']);
      expect(head.headers['content-type']).to.equal(get.headers['content-type']);
      expect(head.headers['content-length']).to.equal(get.headers['content-length']);
    }
  });

  it('tokens with any byte changed: 401', async () => {
    const token = 'gAAAAABgood-token_of.some~length';
    bench.tokens.set(token, tokenOf(token));
    for (let at = 0; at < token.length; at += 1) {
      for (const byte of ['!', 'é', token[at] === 'x' ? 'y' : 'x']) {
        const changed = Buffer.from(token.slice(0, at) + byte + token.slice(at + 1)).toString('latin1');
        const reply = await site.ask({ path: '/v3/users', headers: { 'X-Auth-Token': changed } });
        expect(reply.status, changed).to.equal(401);
      }
    }
  });
});
