/** Memcached behind its port: what is stored, and what happens when a server dies, stalls or talks nonsense. */
import { spawnSync } from 'node:child_process';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { UnavailableError } from '../../../../src/common/breaker.js';
import {
  expiryOf,
  MemcachedClient,
  type MemcachedOptions,
  parseServers,
} from '../../../../src/common/memcached/index.js';
import { isDoneAtOnce } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { figuresOf } from '../../../support/services/memcached_figures.js';
import { type OwnMemcached, ownMemcached } from '../../../support/services/own_memcached.js';

/** So patient that what should be answered is, however slow the machine. */
const OPTIONS: Omit<MemcachedOptions, 'servers'> = {
  deadline: 30_000,
  failures: 1,
  deadRetry: 50,
  poolSize: 4,
  idle: 60_000,
  acquire: 30_000,
  purpose: 'test',
};

describe('memcached', () => {
  let server: OwnMemcached;
  const open: MemcachedClient[] = [];

  const client = (addresses: readonly string[], options: Partial<MemcachedOptions> = {}): MemcachedClient => {
    const made = new MemcachedClient({
      ...OPTIONS,
      servers: parseServers(addresses, '[memcache] servers'),
      ...options,
    });
    open.push(made);
    return made;
  };
  const inAMinute = (): number => Date.now() + 60_000;
  const untilUp = async (one: MemcachedClient): Promise<void> => {
    while (one.states().some(({ up }) => !up)) await sleep(25);
  };

  before(async function start() {
    this.timeout(120_000);
    server = await ownMemcached(this);
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });
  after(() => server?.kill());

  it('stores, reads, replaces and deletes texts of any letters', async () => {
    const memcached = client([server.address]);
    const value = JSON.stringify({ name: 'Zoë\r\nEND\r\nVALUE x 0 1\r\n', long: 'x'.repeat(200_000) });
    expect(await memcached.get('k1')).to.equal(undefined);
    await memcached.set('k1', value, inAMinute());
    expect(await memcached.get('k1')).to.equal(value);
    await memcached.set('k1', '2', null);
    expect(await memcached.get('k1')).to.equal('2');
    await memcached.delete('k1');
    expect(await memcached.get('k1')).to.equal(undefined);
    await memcached.delete('k1');
  });

  it('counts expiry in whole seconds, and over 30 days from the epoch on, as far as memcached can', async () => {
    const now = 1_700_000_000_000;
    expect(expiryOf(null, now)).to.equal(0);
    expect(expiryOf(now + 1500, now)).to.equal(2);
    expect(expiryOf(now, now)).to.equal(null);
    expect(expiryOf(now + 30 * 86_400_000, now)).to.equal(30 * 86_400);
    expect(expiryOf(now + 31 * 86_400_000, now)).to.equal(1_700_000_000 + 31 * 86_400);
    expect(expiryOf((2 ** 31 - 1) * 1000, now)).to.equal(2 ** 31 - 1);
    for (const late of [2 ** 31, 2 ** 32 - 1, 2 ** 32, 253_402_300_799]) {
      expect(expiryOf(late * 1000, now)).to.equal(0);
    }
    const memcached = client([server.address]);
    await memcached.set('very-far', 'there', Date.UTC(9999, 0, 1));
    expect(await memcached.get('very-far')).to.equal('there');
    await memcached.set('far', 'there', Date.now() + 40 * 86_400_000);
    expect(await memcached.get('far')).to.equal('there');
    await memcached.set('far', 'past', Date.now() - 1);
    expect(await memcached.get('far')).to.equal(undefined);
  });

  it('lets many change one value at a time, and loses no change', async () => {
    const [one, other] = [client([server.address]), client([server.address])];
    const add = (to: MemcachedClient): Promise<void> =>
      to.update('count', (value) => ({ value: String(Number(value ?? 0) + 1), expiresAt: null }));
    await Promise.all([one, other, one, other, one, other, one, other].map(add));
    expect(await one.get('count')).to.equal('8');
  });

  it('serves a burst with no more connections than it may have, and closes them when they are not used', async function burst() {
    this.timeout(120_000);
    const own = await ownMemcached(this);
    const figures = await figuresOf(own.address);
    try {
      await figures.alone();
      const memcached = client([own.address], { poolSize: 2 });
      await Promise.all(Array.from({ length: 500 }, (_, n) => memcached.set(`b${n}`, `${n}`, inAMinute())));
      const reading = Promise.all(Array.from({ length: 500 }, (_, n) => memcached.get(`b${n}`)));
      expect((await figures.connections()).now).to.be.within(1, 2);
      expect(await reading).to.deep.equal(Array.from({ length: 500 }, (_, n) => `${n}`));

      const between = await figures.connections();
      const closing = client([own.address], { idle: 200 });
      for (let round = 1; round <= 2; round += 1) {
        // An answer that a slow machine takes longer for than that is lost with its connection.
        await Promise.allSettled([closing.get('b1')]);
        // Made anew each time; the server may be about to take it only now.
        while ((await figures.connections()).ever - between.ever < round) await sleep(5);
        while ((await figures.connections()).now > between.now) await sleep(25);
      }
      // Those of the other client stay; this one may look just now whether the server is back.
      expect((await figures.connections()).now).to.be.at.least(between.now);
    } finally {
      figures.close();
      await own.kill();
    }
  });

  it('gives up waiting for a connection after the time that is set', async function wait() {
    this.timeout(120_000);
    const memcached = client([server.address], { poolSize: 1, acquire: 30 });
    await memcached.get('x');
    await server.signal('SIGSTOP');
    let first: Promise<unknown>;
    try {
      first = memcached.get('x');
      const second = await rejection(memcached.get('x'));
      expect(second).to.be.instanceOf(UnavailableError);
      expect(String(second)).to.contain('no connection came free within 30 ms');
    } finally {
      await server.signal('SIGCONT');
    }
    expect(await first).to.equal(undefined);
  });

  it('takes a connection that was made while the process was busy', async () => {
    const memcached = client([server.address]);
    const answer = memcached.get('busy');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    expect(await answer).to.equal(undefined);
  });

  it('refuses a value that the server would not take', async () => {
    const error = await rejection(client([server.address]).set('big', 'x'.repeat(1_048_576), null));
    expect(error).to.be.instanceOf(RangeError);
  });

  it('asks each server for its own keys, in whatever order the servers are listed', async function twoServers() {
    this.timeout(120_000);
    const second = await ownMemcached(this);
    try {
      const there = client([server.address, second.address]);
      const back = client([second.address, server.address]);
      const alone = client([second.address]);
      const keys = Array.from({ length: 64 }, (_, n) => `spread${n}`);
      await Promise.all(keys.map((key) => there.set(key, key, inAMinute())));
      expect(await Promise.all(keys.map((key) => back.get(key)))).to.deep.equal(keys);
      const onSecond = (await Promise.all(keys.map((key) => alone.get(key)))).filter(
        (value) => value !== undefined,
      );
      expect(onSecond.length).to.be.within(8, 56);

      await second.kill();
      const read = await Promise.all(
        keys.map((key) => there.get(key).catch((error: unknown) => (error as Error).name)),
      );
      expect(read.filter((value) => value === 'UnavailableError')).to.have.length(onSecond.length);
      expect(read.filter((value) => value?.startsWith('spread'))).to.have.length(64 - onSecond.length);
    } finally {
      await second.kill();
    }
  });

  it('fails at once while a server is down, and finds by itself that it is back', async function back() {
    this.timeout(120_000);
    const own = await ownMemcached(this);
    const memcached = client([own.address]);
    await memcached.set('k', 'v', null);
    await own.kill();
    expect(await rejection(memcached.get('k'))).to.be.instanceOf(UnavailableError);
    const [state] = memcached.states();
    expect(state).to.include({ server: own.address, up: false });
    expect(state?.reason).to.be.a('string');
    const isAtOnce = await isDoneAtOnce(async () => {
      for (let n = 0; n < 200; n += 1) await rejection(memcached.get('k'));
    });
    expect(isAtOnce).to.equal(true);

    await own.start();
    await untilUp(memcached);
    expect(await memcached.get('k')).to.equal(undefined);
    await memcached.set('k', 'again', null);
    expect(await memcached.get('k')).to.equal('again');
    await own.kill();
  });

  it('waits no longer than the deadline for a server that stalls, and goes on when it does', async function stall() {
    this.timeout(120_000);
    const memcached = client([server.address], { deadline: 100 });
    const patient = client([server.address]);
    await patient.set('k', 'v', null);
    await server.signal('SIGSTOP');
    try {
      const begin = performance.now();
      const errors = await Promise.all(Array.from({ length: 20 }, () => rejection(memcached.get('k'))));
      expect(errors.every((error) => error instanceof UnavailableError)).to.equal(true);
      expect(performance.now() - begin).to.be.below(10_000);
      expect(memcached.states()[0]).to.include({ up: false });
    } finally {
      await server.signal('SIGCONT');
    }
    await untilUp(memcached);
    expect(await patient.get('k')).to.equal('v');
  });

  it('counts what fails together once: it takes failures in a row to leave a server out', async function row() {
    this.timeout(120_000);
    const own = await ownMemcached(this);
    const memcached = client([own.address], { failures: 2 });
    await memcached.get('k');
    await own.kill();
    await Promise.all(Array.from({ length: 4 }, () => rejection(memcached.get('k'))));
    expect(memcached.states()[0]).to.include({ up: true });
    await rejection(memcached.get('k'));
    expect(memcached.states()[0]).to.include({ up: false });
  });

  describe('with a server that is none', () => {
    let fake: Server;
    let port = 0;
    let answer = (_socket: Socket, _question: string): void => undefined;
    const sockets = new Set<Socket>();

    before(async () => {
      fake = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('data', (data) => answer(socket, String(data)));
      });
      await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
      ({ port } = fake.address() as AddressInfo);
    });
    after(() => {
      for (const socket of sockets) socket.destroy();
      fake.close();
    });

    for (const [what, text] of [
      ['a value that is marked as JSON and is none', 'VALUE k 2 3\r\n{x}\r\nEND\r\n'],
      ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
      ['an error', 'SERVER_ERROR out of memory\r\n'],
    ] as const) {
      it(`survives ${what}`, async () => {
        answer = (socket) => void socket.write(text);
        const result = await client([`127.0.0.1:${port}`], { deadline: 300 })
          .get('k')
          .catch((error: unknown) => error);
        expect(result === undefined || result instanceof UnavailableError, String(result)).to.equal(true);
      });
    }

    it('goes on with a server that has no room for a value: it answers, and what it has can be read', async () => {
      // By a key of its own: what others have asked before may come only now.
      const connections = new Set<Socket>();
      answer = (socket, question) => {
        const [verb, key] = question.split(/\s/);
        if (key !== 'room') return;
        connections.add(socket);
        if (verb === 'set') socket.write('SERVER_ERROR out of memory storing object\r\n');
        if (verb === 'get') socket.write('VALUE room 0 4\r\nkept\r\nEND\r\n');
      };
      const memcached = client([`127.0.0.1:${port}`]);
      for (let turn = 0; turn < 5; turn += 1) {
        const error = await rejection(memcached.set('room', 'new', null));
        expect(error).to.be.instanceOf(UnavailableError);
        expect(error.message).to.equal('the server refused to store a value');
        expect(await memcached.get('room')).to.equal('kept');
      }
      expect(memcached.states()[0]).to.include({ up: true, since: null });
      expect(connections.size).to.equal(1);
    });

    it('does not take an error for the word that there is no value', async () => {
      answer = (socket) => void socket.write('SERVER_ERROR out of memory writing get response\r\n');
      const memcached = client([`127.0.0.1:${port}`]);
      expect(await rejection(memcached.get('k'))).to.be.instanceOf(UnavailableError);
    });

    it('is told at once when a connection breaks, without waiting for the deadline', async () => {
      answer = (socket) => socket.destroy();
      const error = await rejection(client([`127.0.0.1:${port}`], { deadline: 600_000 }).get('k'));
      expect(error).to.be.instanceOf(UnavailableError);
    });
  });

  it('neither ends the process nor keeps it alive when servers are dead, even where there is no program to ping with', function alone() {
    this.timeout(120_000);
    const script = `
      import { MemcachedClient, parseServers } from ${JSON.stringify(new URL('../../../../src/common/memcached/index.ts', import.meta.url).href)};
      const memcached = new MemcachedClient({ servers: parseServers(['127.0.0.1:1'], 'servers'),
        deadline: 300, failures: 9, deadRetry: 50, poolSize: 4, idle: 5000, acquire: 1000, purpose: 'test' });
      for (let n = 0; n < 4; n += 1) {
        await Promise.allSettled([1, 2, 3, 4, 5].map(() => memcached.get('k')));
      }
      // The package would run ping after 5 s.
      await new Promise((resolve) => setTimeout(resolve, 6500));
      console.log('done');
      memcached.close();
    `;
    const ran = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 100_000,
      env: { ...process.env, PATH: '/nonexistent' },
    });
    expect(ran.stderr + ran.stdout).to.contain('done');
    expect(ran.status).to.equal(0);
  });

  describe('servers as operators write them', () => {
    const parse = (...entries: string[]): string[] =>
      parseServers(entries, '[memcache] servers').map(({ host, port, name }) => `${host} ${port} ${name}`);

    it('are hosts and ports, IPv6 addresses in brackets, each once', () => {
      expect(parse('localhost:11211', ' cache2 ', 'inet:10.0.0.1:1', 'localhost')).to.deep.equal([
        'localhost 11211 localhost:11211',
        'cache2 11211 cache2:11211',
        '10.0.0.1 1 10.0.0.1:1',
      ]);
      expect(parse('inet6:[::1]:11212', '[fe80::1%eth0]')).to.deep.equal([
        '::1 11212 [::1]:11212',
        'fe80::1%eth0 11211 [fe80::1%eth0]:11211',
      ]);
    });

    it('are refused with the option and the entry otherwise', () => {
      expect(() => parse('a b:1')).to.throw('[memcache] servers: a b:1 is no server');
      expect(() => parse('h:99999')).to.throw('h:99999 is no server');
      expect(() => parse('unix:/run/memcached.sock')).to.throw('sockets of files are not supported');
      expect(() => parse()).to.throw('at least one server');
    });
  });
});
