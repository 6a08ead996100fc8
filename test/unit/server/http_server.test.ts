import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, request, type ServerResponse } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { ListenAddress } from '../../../src/server/address.js';
import { HttpListener, type RequestHandler } from '../../../src/server/http_server.js';
import { ListenError } from '../../../src/server/listen.js';

const ANY: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 };
const SOON = { idleGrace: 50, deadline: 60_000 };

interface Reply {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

function get(address: ListenAddress, path = '/', agent?: Agent): Promise<Reply> {
  const where =
    address.kind === 'unix'
      ? { socketPath: address.path }
      : address.kind === 'tcp' && { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...where, path, ...(agent && { agent }) }, (incoming) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, connection: incoming.headers.connection, body }),
      );
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

/** Send bytes and read until the server closes. */
async function raw(address: ListenAddress, bytes: string): Promise<string> {
  const { port } = address as { port: number };
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

/** When a server of this process has taken the next connection: its client is connected before that. */
function taken(): Promise<void> {
  return new Promise((resolve) => {
    const seen = (): void => {
      unsubscribe('net.server.socket', seen);
      resolve();
    };
    subscribe('net.server.socket', seen);
  });
}

describe('HttpListener', () => {
  const listeners: HttpListener[] = [];
  let folder: string;

  function server(handler: RequestHandler): HttpListener {
    const listener = new HttpListener(handler, { keepAliveTimeout: 75, maxHeaderSize: 16_384 });
    listeners.push(listener);
    return listener;
  }
  const hello: RequestHandler = (_request, response) => response.end('hello');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'listen-'));
  });
  afterEach(async () => {
    for (const listener of listeners.splice(0)) await listener.drain({ idleGrace: 0, deadline: 0 });
  });
  after(() => rm(folder, { recursive: true }));

  it('answers at the port that the system gave it', async () => {
    const address = await server(hello).listen(ANY);
    expect((await get(address)).body).to.equal('hello');
  });

  it('names the port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const error = await server(hello)
      .listen({ kind: 'tcp', host: '127.0.0.1', port })
      .catch((reason: unknown) => reason);
    other.close();
    expect(error).to.be.instanceOf(ListenError);
    expect((error as Error).message).to.equal(
      `port ${port} of 127.0.0.1 is already in use by another process: stop that process or serve at another address`,
    );
  });

  it('says that the machine lacks an address', async () => {
    const error = await server(hello)
      .listen({ kind: 'tcp', host: '192.0.2.1', port: 0 })
      .catch((reason: Error) => reason.message);
    expect(error).to.equal('this machine has no address 192.0.2.1');
  });

  it('listens on a UNIX socket that only user and group may use, and removes it in the end', async () => {
    const path = join(folder, 'a.sock');
    const listener = server(hello);
    const address = await listener.listen({ kind: 'unix', path });
    expect((await get(address)).body).to.equal('hello');
    expect((await stat(path)).mode & 0o777).to.equal(0o660);
    await listener.drain(SOON);
    expect(await stat(path).catch(() => null)).to.equal(null);
  });

  it('takes the place of a socket that a killed process left, not of a living one, and not of a file', async () => {
    const path = join(folder, 'b.sock');
    const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    const { spawn } = await import('node:child_process');
    await once(spawn(process.execPath, ['-e', code]), 'exit');
    expect((await stat(path)).isSocket()).to.equal(true);
    await server(hello).listen({ kind: 'unix', path });
    const second = await server(hello)
      .listen({ kind: 'unix', path })
      .catch((reason: Error) => reason.message);
    expect(second).to.contain(`socket ${path} is already in use`);
    const file = join(folder, 'file');
    await writeFile(file, 'precious');
    const third = await server(hello)
      .listen({ kind: 'unix', path: file })
      .catch((reason: Error) => reason.message);
    expect(third).to.contain(`socket ${file} is already in use`);
    expect((await stat(file)).size).to.equal(8);
  });

  it('loses no request of connections that are open when it drains, and tells them to go', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const listener = server(hello);
    const address = await listener.listen(ANY);
    expect((await get(address, '/', agent)).connection).to.equal('keep-alive');
    const drained = listener.drain({ idleGrace: 60_000, deadline: 60_000 });
    const reply = await get(address, '/', agent);
    expect(reply).to.include({ status: 200, connection: 'close' });
    expect(await drained).to.deep.equal({ aborted: 0 });
    const refused = await get(address).catch((error: NodeJS.ErrnoException) => error.code);
    expect(refused).to.equal('ECONNREFUSED');
    agent.destroy();
  });

  it('finishes running requests, with Connection: close in answers that had not begun', async () => {
    let arrive = (_response: ServerResponse): void => undefined;
    const arrived = new Promise<ServerResponse>((resolve) => {
      arrive = resolve;
    });
    const listener = server((_request, response) => arrive(response));
    const address = await listener.listen(ANY);
    const agent = new Agent({ keepAlive: true });
    const reply = get(address, '/', agent);
    const running = await arrived;
    let isDone = false;
    const drained = listener.drain(SOON).then((result) => {
      isDone = true;
      return result;
    });
    await sleep(150);
    expect(isDone).to.equal(false);
    running.end('late');
    expect(await reply).to.deep.equal({ status: 200, connection: 'close', body: 'late' });
    expect(await drained).to.deep.equal({ aborted: 0 });
    agent.destroy();
  });

  it('reads what has come on idle connections before it closes them, however busy the process was', async () => {
    const listener = server(hello);
    const address = await listener.listen(ANY);
    const socket = connect((address as { port: number }).port, '127.0.0.1');
    const ask = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    socket.write(ask);
    await once(socket, 'data');
    const drained = listener.drain({ idleGrace: 20, deadline: 60_000 });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', (error) => (text += error.message));
    const closed = once(socket, 'close');
    socket.write(ask);
    // The grace ends while nothing can be read.
    for (const busy = performance.now() + 60; performance.now() < busy; );
    await closed;
    expect(text).to.match(/^HTTP\/1\.1 200 OK[^]*hello$/);
    expect(await drained).to.deep.equal({ aborted: 0 });
  });

  it('closes idle connections after the grace', async () => {
    const listener = server(hello);
    const address = await listener.listen(ANY);
    const isTaken = taken();
    const socket = connect((address as { port: number }).port, '127.0.0.1');
    await Promise.all([once(socket, 'connect'), isTaken]);
    const began = performance.now();
    // The deadline is too far away to have closed it.
    await Promise.all([
      listener.drain({ idleGrace: 100, deadline: 600_000 }),
      once(socket.resume(), 'close'),
    ]);
    expect(performance.now() - began).to.be.at.least(80);
  });

  it('cuts off what still runs at the deadline, and says how many requests that were', async () => {
    const arrived: unknown[] = [];
    const listener = server((incoming) => void arrived.push(incoming));
    const address = await listener.listen(ANY);
    const replies = [1, 2].map(() => get(address).catch((error: NodeJS.ErrnoException) => error.code));
    while (arrived.length < 2) await sleep(5);
    expect(await listener.drain({ idleGrace: 10, deadline: 100 })).to.deep.equal({ aborted: 2 });
    expect(await Promise.all(replies)).to.deep.equal(['ECONNRESET', 'ECONNRESET']);
  });

  describe('what is no request', () => {
    const bad: [what: string, bytes: string, status: number][] = [
      [
        'headers over the limit',
        `GET / HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${'x'.repeat(65_536)}\r\n\r\n`,
        431,
      ],
      ['a broken request line', 'NONSENSE\r\n\r\n', 400],
      ['a header with a control character', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: a\u0001b\r\n\r\n', 400],
      [
        'two lengths',
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
        400,
      ],
      [
        'a length and chunks (request smuggling)',
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
    ];
    for (const [what, bytes, status] of bad) {
      it(`is answered with the API's error: ${what}`, async () => {
        const address = await server(hello).listen(ANY);
        const [head = '', body = ''] = (await raw(address, bytes)).split('\r\n\r\n');
        expect(head).to.match(new RegExp(`^HTTP/1.1 ${status} `));
        expect(head).to.contain('Content-Type: application/json');
        expect(JSON.parse(body)).to.have.nested.property('error.code', status);
        expect((await get(address)).status).to.equal(200);
      });
    }

    it('is not answered into the middle of another answer', async () => {
      const address = await server((_request, response) => {
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('begin');
      }).listen(ANY);
      const socket = connect((address as { port: number }).port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (text.endsWith('begin')) socket.write('NONSENSE\r\n\r\n');
      });
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(socket, 'close');
      expect(text).to.match(/^HTTP\/1.1 200 OK/);
      expect(text.endsWith('begin')).to.equal(true);
    });
  });
});
