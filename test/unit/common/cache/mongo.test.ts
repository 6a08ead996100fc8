/** `oslo_cache.mongo`: what operators' files say of the server, and what several processes do there at the same time. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { Arguments } from '../../../../src/common/cache/arguments.js';
import { createBackend } from '../../../../src/common/cache/backends/mongo.js';
import { mongoSettings } from '../../../../src/common/cache/backends/mongo_settings.js';
import type { CacheBackend } from '../../../../src/common/cache/types.js';
import { TestCa } from '../../../support/certificates.js';
import { doorTo } from '../../../support/door.js';
import { rejection } from '../../../support/rejection.js';
import { leaveOutMongodb, mongodbAddress } from '../../../support/services/mongodb.js';

const PLACE = ['db_name:keystone', 'cache_collection:cache'];
const read = (...lines: string[]): ReturnType<typeof mongoSettings> =>
  mongoSettings(new Arguments([...PLACE, ...lines], 'oslo_cache.mongo'));
const open = (...lines: string[]): Promise<CacheBackend> =>
  createBackend(new Arguments([...PLACE, ...lines], 'oslo_cache.mongo'));

/** What the client library makes of it. */
function understood(...lines: string[]): MongoClient['options'] {
  const { uri, options } = read(...lines);
  return new MongoClient(uri, options).options;
}

describe('a cache on MongoDB', function limited() {
  this.timeout(120_000);
  const opened: CacheBackend[] = [];
  afterEach(async () => {
    for (const backend of opened.splice(0)) await backend.close();
  });

  for (const [hosts, wanted] of [
    ['127.0.0.1', '127.0.0.1:27017'],
    ['127.0.0.1:1,127.0.0.1:2', '127.0.0.1:1,127.0.0.1:2'],
    ['127.0.0.1:1 , 127.0.0.1:2', '127.0.0.1:1,127.0.0.1:2'],
    ['[::1]:7', '[::1]:7'],
    ['mongodb://127.0.0.1:1,127.0.0.1', '127.0.0.1:1,127.0.0.1:27017'],
    ['mongodb://127.0.0.1:1/other?appName=k', '127.0.0.1:1'],
    ['keystone:secret@127.0.0.1:1', '127.0.0.1:1'],
  ] as const) {
    it(`finds its servers at db_hosts:${hosts}`, async () => {
      expect(understood(`db_hosts:${hosts}`).hosts.join(',')).to.equal(wanted);
      const backend = await open(`db_hosts:${hosts}`);
      opened.push(backend);
      expect(backend.states()[0]?.server).to.equal(wanted);
    });
  }

  it('takes the options of an address as they are', () => {
    const { appName, replicaSet } = understood('db_hosts:mongodb://one,two/?appName=k&replicaSet=rs0');
    expect({ appName, replicaSet }).to.deep.equal({ appName: 'k', replicaSet: 'rs0' });
  });

  for (const [lines, source] of [
    [['db_hosts:one', 'username:u', 'password:p'], 'keystone'],
    [['db_hosts:mongodb://one/other', 'username:u', 'password:p'], 'keystone'],
    [['db_hosts:mongodb://one/?authSource=admin', 'username:u', 'password:p'], 'admin'],
    [['db_hosts:mongodb://u:p@one/other'], 'other'],
    [['db_hosts:mongodb://u:p@one'], 'admin'],
  ] as const) {
    it(`signs in with a user of the database ${source} by ${lines.join(', ')}`, () => {
      expect(understood(...lines).credentials).to.include({ username: 'u', password: 'p', source });
    });
  }

  it('signs in nowhere without a user', () => {
    expect(understood('db_hosts:one').credentials).to.equal(undefined);
  });

  it('keeps nothing longer than mongo_ttl_seconds, when that is more than 0', () => {
    expect(read('db_hosts:one', 'mongo_ttl_seconds:90').longest).to.equal(90);
    for (const unlimited of ['mongo_ttl_seconds:-1', 'mongo_ttl_seconds:0', 'w:-1']) {
      expect(read('db_hosts:one', unlimited)).to.include({ longest: Number.POSITIVE_INFINITY });
    }
  });

  it('makes all connections at once, as many as max_pool_size says and ten at most', () => {
    for (const [lines, wanted] of [
      [[], 10],
      [['max_pool_size:3'], 3],
      [['max_pool_size:0'], 10],
      [['max_pool_size:500'], 10],
    ] as const) {
      const sizes = { minPoolSize: wanted, maxPoolSize: wanted, maxConnecting: wanted };
      expect(understood('db_hosts:one', ...lines)).to.include(sizes);
    }
  });

  it('asks for as many acknowledgements as w says', () => {
    expect(read('db_hosts:one', 'w:2').writing).to.deep.equal({ writeConcern: { w: 2 } });
    expect(read('db_hosts:one', 'w:0').writing).to.deep.equal({ writeConcern: { w: 0 } });
    for (const lines of [[], ['w:-1']]) expect(read('db_hosts:one', ...lines).writing).to.deep.equal({});
  });

  describe('with TLS', () => {
    const ca = new TestCa('a CA');
    const client = ca.sign('a client');
    let folder: string;
    const file = (name: string): string => join(folder, name);
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'keystone-mongo-'));
      await writeFile(file('ca'), ca.certificate);
      await writeFile(file('certificate'), client.certificate);
      await writeFile(file('key'), client.key);
      await writeFile(file('both'), client.certificate + client.key);
      await writeFile(file('other_key'), ca.key);
    });
    after(() => rm(folder, { recursive: true }));
    const tls = (...lines: string[]): MongoClient['options'] =>
      understood('db_hosts:one', 'ssl:True', `ssl_ca_certs:${file('ca')}`, ...lines);

    it('checks certificates, whatever ssl_cert_reqs says but NONE', () => {
      for (const lines of [[], ['ssl_cert_reqs:REQUIRED'], ['ssl_cert_reqs:optional']]) {
        const { tls: isOn, rejectUnauthorized = true, ca: trusted } = tls(...lines);
        expect([isOn, rejectUnauthorized, trusted]).to.deep.equal([true, true, ca.certificate]);
      }
      expect(tls('ssl_cert_reqs:NONE').rejectUnauthorized).to.equal(false);
      expect(understood('db_hosts:one', `ssl_ca_certs:${file('ca')}`).tls ?? false).to.equal(false);
    });

    it('shows its own certificate, with the key from the same file or from another', () => {
      expect(tls(`ssl_certfile:${file('both')}`).key).to.contain(client.key);
      const apart = tls(`ssl_certfile:${file('certificate')}`, `ssl_keyfile:${file('key')}`);
      expect(apart).to.include({ cert: client.certificate, key: client.key });
    });

    it('refuses files that cannot be read or do not belong together, naming the arguments', async () => {
      for (const [lines, text] of [
        [['ssl_ca_certs:/nowhere'], 'ssl_ca_certs:/nowhere: ENOENT'],
        [['ssl_certfile:/nowhere'], 'ssl_certfile:/nowhere: ENOENT'],
        [[`ssl_certfile:${file('both')}`, `ssl_keyfile:${file('other_key')}`], 'ssl_certfile, ssl_keyfile: '],
      ] as const) {
        const error = await rejection(open('db_hosts:one', 'ssl:True', ...lines));
        expect(error.message).to.contain('[cache] backend_argument = ').and.contain(text);
      }
    });
  });

  for (const [lines, text] of [
    [['db_hosts:one:x'], 'db_hosts cannot be used: '],
    [['db_hosts:mongodb://one/?no=such'], 'db_hosts cannot be used: option no is not supported'],
    [['db_hosts:one', 'db_name:a.b'], 'db_name:a.b cannot be used: '],
    [['db_hosts:one', 'username:u'], 'password:VALUE'],
    [['db_hosts:one', 'w:majority'], 'w:majority: a whole number is needed'],
    [['db_hosts:one', 'mongo_ttl_seconds:x'], 'mongo_ttl_seconds:x: a whole number is needed'],
    [['db_hosts:one', 'read_preference:odd'], 'read_preference:odd: one of primary, '],
    [['db_hosts:one', 'ssl_cert_reqs:odd'], 'ssl_cert_reqs:ODD: one of NONE, '],
    [['db_hosts:one', 'use_replica:True'], 'replicaset_name:VALUE'],
  ] as const) {
    it(`is refused with ${lines.join(', ')}`, async () => {
      const error = await rejection(open(...lines));
      expect(error.message).to.contain('[cache] backend_argument = ').and.contain(text);
    });
  }

  it('shows nothing of an address that holds a password', async () => {
    for (const hosts of [
      'u:secret@one:x',
      'mongodb://u:p@secret:x@one',
      'mongodb://u:p@secret/word@one',
      'mongodb://u:secret@one/?no=such',
    ]) {
      const error = await rejection(open(`db_hosts:${hosts}`));
      expect(error.message).to.contain('[cache] backend_argument = db_hosts').and.not.contain('secret');
    }
  });

  it('says why its server cannot be used as soon as that is known', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const backend = await open(`db_hosts:127.0.0.1:${port}`);
      opened.push(backend);
      await rejection(backend.get('k'));
      // A request does not wait for it, nor does an attempt that found no time to connect.
      const wanted = /closed|ECONNRESET|EPIPE/;
      const reason = (): string => backend.states()[0]?.reason ?? '';
      for (let turn = 0; turn < 900 && !wanted.test(reason()); turn += 1) await sleep(100);
      expect(reason()).to.match(wanted);
    } finally {
      server.close();
    }
  });

  it('connects before the first request, which could not wait for it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const connected = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.destroy();
        resolve();
      });
    });
    try {
      opened.push(await open(`db_hosts:127.0.0.1:${(server.address() as AddressInfo).port}`));
      await connected;
    } finally {
      server.close();
    }
  });

  if (mongodbAddress === undefined) leaveOutMongodb();
  else {
    const address = mongodbAddress;
    it('lets no request wait for a connection to be made', async () => {
      // Longer than a request waits.
      const door = await doorTo(address, { entrance: 200 });
      try {
        const backend = await open(`db_hosts:${door.address}`);
        opened.push(backend);
        // A machine that stalls needs several turns; without connections there is none in which all are answered.
        for (let missed = 1, turn = 0; missed > 0 && turn < 800; turn += 1) {
          await sleep(100);
          const many = await Promise.allSettled(Array.from({ length: 8 }, () => backend.get('k')));
          missed = many.filter(({ status }) => status === 'rejected').length;
          if (turn === 799) expect(missed).to.equal(0);
        }
      } finally {
        await door.close();
      }
    });

    it('lets processes write the same at the same moment', async () => {
      const client = new MongoClient(`mongodb://${address}`);
      const collection = `race_${process.pid}`;
      const lines = [`db_hosts:${address}`, `cache_collection:${collection}`];
      const processes = await Promise.all([open(...lines), open(...lines)]);
      opened.push(...processes);
      const problems = new Set<string>();
      try {
        for (let turn = 0; turn < 100; turn += 1) {
          // One that was too slow for the deadline comes back by itself.
          while (processes.some((each) => each.states()[0]?.up === false)) await sleep(50);
          const sets = [...processes, ...processes].map((each) => each.set(`k${turn}`, 'v', 60));
          for (const result of await Promise.allSettled(sets)) {
            if (result.status === 'rejected') problems.add(String(result.reason));
          }
        }
        expect([...problems].filter((problem) => /duplicate/.test(problem))).to.deep.equal([]);
      } finally {
        await client.db('keystone').dropCollection(collection);
        await client.close();
      }
    });
  }
});
