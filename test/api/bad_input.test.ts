/** What no client should send, through the whole stock pipeline: an error of the API, never a 500 or a dead process. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { shutdownLogging } from '../../src/common/log/index.js';
import { type Service, serve } from '../../src/server/serve.js';
import { ADMIN, createDeployment, type Deployment } from '../support/deployment.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

describe('bad input through the front door', () => {
  let deployment: Deployment;
  let service: Service;
  let port: number;
  let token: string;

  /** Send bytes as they are, and read the answer until the connection closes. */
  async function send(bytes: Buffer | string): Promise<Answer> {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    const text = Buffer.concat(chunks).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    const [head, body] = [text.slice(0, end), text.slice(end + 4)];
    return {
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
      type: /^content-type: (.*)$/im.exec(head)?.[1] ?? '',
      body,
    };
  }
  function ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: Buffer | string = '',
  ): Promise<Answer> {
    const content = Buffer.from(body);
    const all = {
      Host: `127.0.0.1:${port}`,
      Connection: 'close',
      'Content-Length': String(content.length),
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    return send(
      Buffer.concat([
        Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
        content,
      ]),
    );
  }
  function expectError({ status, type, body }: Answer, ...statuses: number[]): void {
    expect(statuses, body).to.include(status);
    expect(type).to.match(/^application\/json/);
    expect(JSON.parse(body)).to.have.nested.property('error.code', status);
  }
  const JSON_TYPE = { 'Content-Type': 'application/json' };
  const post = (
    body: Buffer | string,
    headers: Readonly<Record<string, string>> = JSON_TYPE,
  ): Promise<Answer> => ask('POST', '/v3/auth/tokens', headers, body);
  const credentials = {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: ADMIN.name, domain: { id: 'default' }, password: ADMIN.password } },
      },
      scope: { project: { name: ADMIN.project, domain: { id: 'default' } } },
    },
  };

  before(async () => {
    deployment = await createDeployment();
    service = await serve([...deployment.args, 'main@127.0.0.1:0'], { env: deployment.env });
    const address = service.serving[0]?.address;
    port = address?.kind === 'tcp' ? address.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/v3/auth/tokens`, {
      method: 'POST',
      headers: { ...JSON_TYPE, Connection: 'close' },
      body: JSON.stringify(credentials),
    });
    token = response.headers.get('x-subject-token') ?? '';
  });
  afterEach(async () => {
    const answer = await ask('GET', '/v3/users', { 'X-Auth-Token': token });
    expect(answer.status, 'the service goes on').to.equal(200);
  });
  after(async () => {
    await service.stop();
    shutdownLogging();
    await deployment.remove();
  });

  for (const [what, body] of [
    ['half of a document', '{"auth": {"identity": '],
    ['no JSON', 'user=admin&password=secret'],
    ['a list', '[1]'],
    ['a text', '"auth"'],
    ['a number', '1e999'],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{"auth": {}}', 'utf16le')],
    ['a byte order mark', '\ufeff{"auth": {}}'],
    [
      'a NUL in a name',
      '{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "\\u0000"}}}}}',
    ],
    ['deep nesting', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['nothing of what is needed', '{"auth": {}}'],
    ['null where an object is due', '{"auth": {"identity": {"methods": ["password"], "password": null}}}'],
    [
      'a list where a text is due',
      '{"auth": {"identity": {"methods": ["password"], "password": {"user": []}}}}',
    ],
    ['an object where a text is due', '{"auth": {"identity": {"methods": [{}]}}}'],
    ['a prototype', '{"__proto__": {"auth": {}}, "constructor": {"prototype": {}}}'],
  ] as const) {
    it(`a body that is ${what}`, async () => {
      expectError(await post(body), 400, 401);
    });
  }

  it('bodies of other types', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      ';',
    ]) {
      expectError(await post('{"auth": {}}', { 'Content-Type': type }), 400);
    }
  });

  it('a body of 1 MB, with and without a length', async () => {
    const big = `{"auth": "${'x'.repeat(1_048_576)}"}`;
    expect((await post(big)).status).to.equal(413);
    const head = `POST /v3/auth/tokens HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const chunked = await send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(32)}0\r\n\r\n`);
    expect(chunked.status).to.equal(413);
  });

  it('a token with any of its characters changed', async () => {
    const answers: Promise<Answer>[] = [];
    for (let index = 0; index < token.length; index += 1) {
      // Of the last character base64 uses the first bits only: Q differs from A in one of those.
      const other = token[index] === 'A' ? 'Q' : 'A';
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      answers.push(ask('GET', '/v3/users', { 'X-Auth-Token': changed }));
      if (answers.length >= 20)
        for (const answer of await Promise.all(answers.splice(0))) expectError(answer, 401);
    }
    for (const answer of await Promise.all(answers)) expectError(answer, 401);
  });

  it('tokens that are none', async () => {
    for (const bad of [
      'x',
      'gAAAA',
      'ü',
      '%00',
      '../../etc/passwd',
      "' OR 1=1 --",
      'x'.repeat(10_000),
      '\u0080\u00ff',
    ]) {
      expectError(await ask('GET', '/v3/users', { 'X-Auth-Token': bad }), 401);
      expectError(
        await ask('GET', '/v3/auth/tokens', { 'X-Auth-Token': token, 'X-Subject-Token': bad }),
        404,
      );
    }
  });

  it('headers of 64 KB', async () => {
    expectError(await ask('GET', '/v3', { 'X-Auth-Token': 'x'.repeat(65_536) }), 431);
    const many = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`X-${index}`, 'x'.repeat(40)]),
    );
    expectError(await ask('GET', '/v3', many), 431);
  });

  it('paths that lead elsewhere', async () => {
    const paths = [
      '/v3/users/%00',
      '/v3/users/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '/v3/../../../etc/passwd',
      '/v3/users/..',
      '/v3/users/%ff%fe',
      '/v3/users/%',
      '/v3/users/%zz',
      '/v3/users/a%0d%0aSet-Cookie:%20x',
      `/v3/users/${'a'.repeat(8000)}`,
      '/v3/users/constructor',
      '/v3/__proto__',
    ];
    for (const path of paths) {
      expectError(await ask('GET', path, { 'X-Auth-Token': token }), 400, 404);
    }
  });

  it('doubled slashes, which count once, as in Paste', async () => {
    for (const path of ['//v3/users', '/v3//users', '///v3///users']) {
      expect((await ask('GET', path, { 'X-Auth-Token': token })).status, path).to.equal(200);
    }
  });

  it('queries that are none', async () => {
    for (const query of [
      '?name=%ff',
      '?%',
      '?name=%00',
      `?${'a=b&'.repeat(3000)}`,
      '?__proto__=1&constructor=2',
    ]) {
      const { status } = await ask('GET', `/v3/users${query}`, { 'X-Auth-Token': token });
      expect(status, query.slice(0, 20)).to.be.oneOf([200, 400]);
    }
  });

  it('methods that nobody has heard of', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'M-SEARCH']) {
      expectError(await ask(method, '/v3/users', { 'X-Auth-Token': token }), 404);
    }
    expectError(await ask('FOO', '/v3/users'), 400);
  });
});
