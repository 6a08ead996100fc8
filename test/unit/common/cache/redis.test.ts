/** `dogpile.cache.redis` with a server of its own: addresses as redis-py takes them, and a server that is full. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { RefusedError } from '../../../../src/common/breaker.js';
import { Arguments } from '../../../../src/common/cache/arguments.js';
import { createBackend } from '../../../../src/common/cache/backends/redis.js';
import type { CacheBackend } from '../../../../src/common/cache/types.js';
import { rejection } from '../../../support/rejection.js';
import {
  answersTcp,
  findProgram,
  freePort,
  giveTo,
  runServer,
  serverAccount,
} from '../../../support/services/processes.js';

/** With all that has to be encoded in an address. */
const PASSWORD = 'p@ss:w/%rd';

describe('a cache on Redis', function limited() {
  this.timeout(240_000);
  let folder: string;
  let port: number;
  let server: Awaited<ReturnType<typeof runServer>> | undefined;
  const opened: CacheBackend[] = [];

  const open = async (...lines: string[]): Promise<CacheBackend> => {
    const backend = await createBackend(new Arguments(lines, 'dogpile.cache.redis'));
    opened.push(backend);
    return backend;
  };
  /** What is asked, and asked again while the machine is too slow for the deadline. */
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        await sleep(100);
      }
    }
  };

  before(async function start() {
    const program = findProgram('redis-server');
    if (program === null) {
      if (process.env['REQUIRE_SERVICES'] === '1') throw new Error('redis-server not found');
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'keystone-redis-'));
    const account = serverAccount('redis');
    await giveTo(account, folder);
    port = await freePort();
    const options = {
      bind: '127.0.0.1',
      port: String(port),
      unixsocket: join(folder, 'socket'),
      unixsocketperm: '777',
      requirepass: PASSWORD,
      maxmemory: '4mb',
      'maxmemory-policy': 'noeviction',
      save: '',
    };
    server = await runServer({
      program,
      args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      account,
      folder,
      probe: () => answersTcp(port),
    });
  });
  afterEach(async () => {
    for (const backend of opened.splice(0)) await backend.close();
  });
  after(async () => {
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('is found by host and port, by an address, and by the file of a socket', async () => {
    const word = encodeURIComponent(PASSWORD);
    const ways = [
      ['host:127.0.0.1', `port:${port}`, 'db:5', `password:${PASSWORD}`],
      [`url:redis://:${word}@127.0.0.1:${port}/5`],
      [`url:redis://127.0.0.1:${port}/5`, `password:${PASSWORD}`],
      [`url:unix://:${word}@${folder}/socket?db=5`],
      [`url:unix://${folder}/socket?db=5`, `password:${PASSWORD}`],
    ];
    for (const [at, lines] of ways.entries()) {
      const backend = await open(...lines);
      if (at === 0) await patiently(() => backend.set('k', 'kept', 600));
      expect(await patiently(() => backend.get('k')), String(at)).to.equal('kept');
      const [state] = backend.states();
      expect(state?.server).to.equal(lines[0]?.includes('unix') ? `${folder}/socket` : `127.0.0.1:${port}`);
    }
  });

  it('is refused with an address that is none, which is not told: it may hold a password', async () => {
    for (const url of [
      'redis://a b:secret@',
      'http://u:secret@h',
      'unix://u:secret@h/s',
      'unix://:se%cret@/s',
      'unix://:secret@/s?db=x',
    ]) {
      const error = await rejection(open(`url:${url}`));
      expect(error.message, url).to.contain('[cache] backend_argument = url: ');
      expect(error.message, url).to.not.contain('secret');
    }
  });

  it('goes on with a server that is full: what it holds can be read', async () => {
    const backend = await open(`url:redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/1`);
    await patiently(() => backend.set('k', 'kept', 600));
    const fill = async (): Promise<void> => {
      for (let turn = 0; ; turn += 1) {
        await patiently(() => backend.set(`k${turn}`, 'x'.repeat(50_000), 600));
      }
    };
    const error = await rejection(fill());
    expect(error).to.be.instanceOf(RefusedError);
    expect(error.message).to.contain('maxmemory');
    expect(backend.states()[0]).to.include({ up: true });
    expect(await patiently(() => backend.get('k'))).to.equal('kept');
  });
});
