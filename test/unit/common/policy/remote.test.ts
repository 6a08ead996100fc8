import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { flatTarget, httpCheck, Policy, type RemoteOptions } from '../../../../src/common/policy/index.js';

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

describe('http: checks', () => {
  let server: Server;
  let origin: string;
  let handler: Handler;

  before((done) => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => handler(request, body, response));
    });
    server.listen(0, '127.0.0.1', () => {
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  async function ask(options: RemoteOptions = {}): Promise<boolean> {
    const policy = Policy.compile(
      { r: `${origin}/check/%(user_id)s` },
      { remote: httpCheck({ timeout: 60_000, ...options }) },
    );
    const target = flatTarget({ user_id: 'u1', 'user.password': 'hunter2' });
    return policy.allows('r', target, { roles: ['member'], token: { secret: 'x', id: 't' } });
  }

  it('sends rule, target and credentials as a form, without secrets', async () => {
    let seen: Record<string, unknown> = {};
    handler = (request, body, response) => {
      const fields = [...new URLSearchParams(body)].map(([name, value]) => [
        name,
        JSON.parse(value) as unknown,
      ]);
      seen = { method: request.method, url: request.url, ...(Object.fromEntries(fields) as object) };
      response.end('True');
    };
    expect(await ask()).to.equal(true);
    expect(seen).to.deep.equal({
      method: 'POST',
      url: '/check/u1',
      rule: 'r',
      target: { user_id: 'u1' },
      credentials: { roles: ['member'], token: { id: 't' } },
    });
  });

  it('sends one JSON document when told to', async () => {
    let seen: unknown;
    handler = (_request, body, response) => {
      seen = JSON.parse(body);
      response.end('"True"');
    };
    expect(await ask({ contentType: 'application/json' })).to.equal(true);
    expect(seen).to.have.all.keys('rule', 'target', 'credentials');
  });

  const refusals: [string, Handler, RemoteOptions?][] = [
    ['another text', (_request, _body, response) => response.end('true')],
    ['an empty answer', (_request, _body, response) => response.end()],
    ['an error status', (_request, _body, response) => response.writeHead(500).end('True')],
    [
      'a redirect',
      (_request, _body, response) => response.writeHead(302, { location: '/other' }).end('True'),
    ],
    ['a broken connection', (request) => request.socket.destroy()],
    ['an endless answer', (_request, _body, response) => response.write('"'.repeat(1000))],
    ['silence', () => undefined, { timeout: 200 }],
    [
      'an answer that does not end in time',
      (_request, _body, response) => response.write('True'),
      { timeout: 200 },
    ],
  ];
  for (const [name, answer, options] of refusals) {
    it(`refuses on ${name}`, async () => {
      handler = answer;
      expect(await ask(options)).to.equal(false);
    });
  }
});
