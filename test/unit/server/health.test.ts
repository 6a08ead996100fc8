import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeyRepository } from '../../../src/common/crypto/key_repository.js';
import { HealthChecks } from '../../../src/common/health.js';
import { PolicyStore } from '../../../src/common/policy/index.js';
import { ServiceHealth } from '../../../src/server/health.js';
import { holdClock } from '../../support/held_clock.js';

describe('health of a process', () => {
  let folder: string;
  let keys: KeyRepository;
  let policy: PolicyStore;
  let checks: HealthChecks;
  let pings = 0;
  let ping = async (): Promise<void> => undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'health-'));
    keys = new KeyRepository(join(folder, 'keys'), {
      kind: 'fernet_tokens',
      recheckMs: 0,
      graceMs: 0,
      onNote: () => undefined,
    });
    policy = await PolicyStore.load({ interval: 0 });
    checks = new HealthChecks();
    pings = 0;
    ping = async () => undefined;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const health = (): ServiceHealth =>
    new ServiceHealth({
      ping: () => {
        pings += 1;
        return ping();
      },
      keys: () => [keys],
      policy: () => policy.status(),
      checks,
    });
  const unavailable = async (service: ServiceHealth): Promise<string[]> =>
    (await service.ready())
      .filter(({ available }) => !available)
      .map(({ name, reason }) => `${name}: ${reason}`);

  it('is alive whatever stands behind it', () => {
    ping = () => Promise.reject(new Error('gone'));
    expect(health().live()).to.deep.equal([{ name: 'process', available: true, reason: 'OK' }]);
    expect(pings).to.equal(0);
  });

  it('is ready when the database answers and keys are there', async () => {
    await keys.setup(3);
    await keys.keys();
    expect(await health().ready()).to.deep.equal([
      { name: 'database', available: true, reason: 'OK' },
      { name: 'keys:fernet_tokens', available: true, reason: 'OK' },
    ]);
  });

  it('is not ready without the database, and says why only in the details', async () => {
    ping = () => Promise.reject(new Error('connection refused'));
    const [database] = await health().ready();
    expect(database).to.deep.equal({
      name: 'database',
      available: false,
      reason: 'DATABASE UNAVAILABLE',
      details: 'connection refused',
    });
  });

  it('does not wait for a database that keeps silent', async () => {
    ping = () => new Promise(() => undefined);
    expect(await unavailable(health())).to.deep.equal(['database: DATABASE UNAVAILABLE']);
  });

  it('asks the database once for everybody who wants to know within a second', async () => {
    const clock = holdClock();
    try {
      const service = health();
      await Promise.all(Array.from({ length: 50 }, () => service.ready()));
      clock.advance(999);
      await service.ready();
      expect(pings).to.equal(1);
      clock.advance(1);
      await service.ready();
      expect(pings).to.equal(2);
    } finally {
      clock.release();
    }
  });

  it('is not ready once its keys are gone', async () => {
    await keys.keys().catch(() => undefined);
    expect(await unavailable(health())).to.deep.equal(['keys:fernet_tokens: KEYS UNAVAILABLE']);
  });

  it('is not ready without what a part of the service has registered as needed', async () => {
    const takeBack = checks.register('directory:d1', () => Promise.reject(new Error('cannot bind')));
    const result = (await health().ready()).find(({ name }) => name === 'directory:d1');
    expect(result).to.deep.equal({
      name: 'directory:d1',
      available: false,
      reason: 'UNAVAILABLE',
      details: 'cannot bind',
    });
    takeBack();
    expect(await unavailable(health())).to.deep.equal([]);
  });

  it('stays ready, and says so, without what it can do without', async () => {
    checks.register('cache', () => Promise.reject(new Error('refused')), { required: false });
    checks.register('other', async () => 'two servers', { required: false });
    expect((await health().ready()).slice(2)).to.deep.equal([
      { name: 'cache', available: true, reason: 'DEGRADED', details: 'refused' },
      { name: 'other', available: true, reason: 'OK', details: 'two servers' },
    ]);
  });

  it('asks what is registered once within a second, and waits for none of them for ever', async () => {
    let asked = 0;
    checks.register('silent', () => {
      asked += 1;
      return new Promise<string>(() => undefined);
    });
    const clock = holdClock();
    try {
      const service = health();
      const [first] = await Promise.all([unavailable(service), unavailable(service), unavailable(service)]);
      expect(first).to.deep.equal(['silent: UNAVAILABLE']);
      expect(asked).to.equal(1);
    } finally {
      clock.release();
    }
  });

  it('is not ready while it ends', async () => {
    const service = health();
    service.startDraining();
    expect(await unavailable(service)).to.deep.equal(['process: SHUTTING DOWN']);
  });

  it('tells what is in force: pipelines, refused files, policy, and keys without the keys', async () => {
    await keys.setup(3);
    const { primary } = await keys.keys();
    const service = health();
    const refused = { at: '2026-01-01T00:00:00.000Z', reason: 'keystone-paste.ini:3: no such filter' };
    service.watchPipelines(() => [{ name: 'main', generation: 2, loadedAt: refused.at, refused }]);
    const document = JSON.parse(JSON.stringify(service.status())) as Record<string, unknown>;
    expect(document).to.have.all.keys('version', 'pid', 'started_at', 'pipelines', 'policy', 'keys');
    expect(document['pipelines']).to.deep.equal([
      { name: 'main', generation: 2, loaded_at: refused.at, refused },
    ]);
    expect(document).to.have.nested.property('policy.generation', 1);
    expect(document).to.have.nested.property('keys[0].keys[0].role', 'primary');
    expect(JSON.stringify(document)).to.not.contain(primary.text);
    expect(JSON.stringify(document)).to.not.contain(folder);
  });
});
