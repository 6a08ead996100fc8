/** Tokens in memcached and in the process, under a service. */
import { expect } from 'chai';
import { claimKvs } from '../../src/server/single_process.js';
import { type Cloud, startCloud } from '../api/cloud.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { rejection } from '../support/rejection.js';
import { type OwnMemcached, ownMemcached } from '../support/services/own_memcached.js';

const validate = (cloud: Cloud, token: string, as = token): ReturnType<Cloud['request']> =>
  cloud.request('GET', '/v3/auth/tokens', as, undefined, { 'X-Subject-Token': token });

for (const driver of ['memcache', 'memcache_pool']) {
  describe(`[token] driver = ${driver}`, function limited() {
    this.timeout(120_000);
    let memcached: OwnMemcached;
    let first: Cloud;
    let second: Cloud;

    before(async function start() {
      this.timeout(120_000);
      memcached = await ownMemcached(this);
      first = await startCloud({
        // The last word on the provider counts.
        token: ['provider = uuid', `driver = ${driver}`],
        memcache: [`servers = ${memcached.address}`, 'socket_timeout = 30', 'dead_retry = 1'],
      });
      second = await first.twin();
    });
    after(async function stop() {
      this.timeout(120_000);
      await first?.stop();
      await memcached?.kill();
    });

    it('knows tokens in every process, and that they were revoked', async () => {
      const [admin, token] = [await first.adminToken(), await first.adminToken()];
      expect(token).to.match(/^[0-9a-f]{32}$/);
      expect((await validate(second, token)).status).to.equal(200);
      const gone = await second.request('DELETE', '/v3/auth/tokens', admin, undefined, {
        'X-Subject-Token': token,
      });
      expect(gone.status).to.equal(204);
      for (const cloud of [first, second]) {
        expect((await validate(cloud, token, admin)).status).to.equal(404);
        expect((await validate(cloud, token)).status).to.equal(401);
      }
      const list = await first.request('GET', '/v3/auth/tokens/OS-PKI/revoked?audit_id_only', admin);
      expect(list.status).to.equal(200);
      expect(list.body['revoked']).to.have.length(1);
    });

    it('answers 503, and not that tokens are bad, while memcached is down', async function down() {
      this.timeout(120_000);
      const admin = await first.adminToken();
      await memcached.kill();
      try {
        for (let turn = 0; turn < 4; turn += 1) {
          const answer = await validate(first, admin);
          expect(answer.status).to.equal(503);
          expect(answer.body).to.have.nested.property('error.title', 'Service Unavailable');
          expect(answer.text).to.not.contain(memcached.address);
        }
        expect((await rejection(first.adminToken())).message).to.contain('503');
        expect((await first.request('GET', '/healthcheck', null)).status).to.equal(503);
      } finally {
        await memcached.start();
      }
      const deadline = Date.now() + 60_000;
      for (;;) {
        const fresh = await first.adminToken().catch(() => null);
        if (fresh !== null) break;
        if (Date.now() > deadline) throw new Error('it never came back');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      // What memcached has lost is gone.
      expect((await validate(first, admin)).status).to.equal(401);
    });
  });
}

describe('[token] driver = kvs', function limited() {
  this.timeout(120_000);
  let deployment: Deployment;
  before(async () => {
    deployment = await createDeployment({
      until: 'files',
      conf: { token: ['provider = uuid', 'driver = kvs'] },
    });
  });
  after(() => deployment.remove());

  it('serves from one process', async function serves() {
    this.timeout(120_000);
    const cloud = await startCloud({ token: ['provider = uuid', 'driver = kvs'] });
    try {
      const token = await cloud.adminToken();
      expect((await validate(cloud, token)).status).to.equal(200);
      expect((await rejection(cloud.twin())).message).to.contain(
        'more than one serves: another process on this host serves the same database with kvs',
      );
      expect((await validate(cloud, token)).status).to.equal(200);
    } finally {
      await cloud.stop();
    }
  });

  for (const [what, env, text] of [
    ['the second instance under PM2', { NODE_APP_INSTANCE: '1' }, 'this is instance 1'],
    ['several instances under PM2', { NODE_APP_INSTANCE: '0', instances: '4' }, 'PM2 runs 4 instances'],
    [
      'a cluster as wide as the machine',
      { NODE_APP_INSTANCE: '0', instances: '0', exec_mode: 'cluster_mode' },
      'a cluster with instances = 0',
    ],
  ] as const) {
    it(`refuses ${what}, and says what to do`, async () => {
      const error = await rejection(claimKvs(deployment.load().conf, env));
      expect(error.message)
        .to.contain('[token] driver = kvs')
        .and.contain(text)
        .and.contain('Use sql, memcache');
    });
  }

  it('takes one instance under PM2, and gives its place back', async () => {
    const { conf } = deployment.load();
    const one = { NODE_APP_INSTANCE: '0', instances: '1', exec_mode: 'cluster_mode', pm_id: '0' };
    for (let turn = 0; turn < 2; turn += 1) await (await claimKvs(conf, one))();
  });

  it('says nothing where tokens are kept nowhere, or elsewhere', async () => {
    const { conf } = deployment.load();
    const two = { NODE_APP_INSTANCE: '1' };
    await (await claimKvs({ ...conf, token: { ...conf.token, provider: 'fernet' } }, two))();
    await (await claimKvs({ ...conf, token: { ...conf.token, driver: 'sql' } }, two))();
  });
});
