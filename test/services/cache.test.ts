/** A configured cache under a service: what it holds is shared and true, and its death fails and stalls no request. */
import { appendFile, copyFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { loadConf } from '../../src/conf/index.js';
import { type Cloud, serve, startCloud } from '../api/cloud.js';
import { ADMIN, createDeployment } from '../support/deployment.js';
import { writePaste } from '../support/paste.js';
import { type OwnMemcached, ownMemcached } from '../support/services/own_memcached.js';

/** A figure of memcached's own. */
async function stat(address: string, name: string): Promise<number> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    socket.write('stats\r\n');
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.endsWith('END\r\n')) break;
    }
    return Number(new RegExp(`STAT ${name} (\\d+)`).exec(text)?.[1]);
  } finally {
    socket.destroy();
  }
}

/** Every text that memcached holds, keys included. */
async function contents(address: string): Promise<string> {
  const ask = async (command: string, end: RegExp): Promise<string> => {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    try {
      socket.write(`${command}\r\n`);
      let text = '';
      for await (const chunk of socket) {
        text += String(chunk);
        if (end.test(text)) break;
      }
      return text;
    } finally {
      socket.destroy();
    }
  };
  // Its crawler does one thing at a time, and goes over the values of its own accord as well.
  let dump = 'BUSY';
  while (dump.startsWith('BUSY')) dump = await ask('lru_crawler metadump all', /(?:END|BUSY.*)\r\n$/);
  const keys = [...dump.matchAll(/key=(\S+)/g)].map((match) => decodeURIComponent(match[1] as string));
  const values = await Promise.all(keys.map((key) => ask(`get ${key}`, /END\r\n$/)));
  return [...keys, ...values].join('\n');
}

/**
 * Milliseconds that work waited for something. Time in which this process did not run, on a machine that is busy or
 * stalls, is no waiting: the timer does not make up for it.
 */
async function waitOf(work: () => Promise<unknown>): Promise<number> {
  const step = 5;
  let waited = 0;
  const timer = setInterval(() => (waited += step), step);
  try {
    await work();
    return waited;
  } finally {
    clearInterval(timer);
  }
}

const validate = (cloud: Cloud, token: string): ReturnType<Cloud['request']> =>
  cloud.request('GET', '/v3/auth/tokens', token, undefined, { 'X-Subject-Token': token });

describe('a cache on memcached', function limited() {
  this.timeout(300_000);
  let memcached: OwnMemcached;
  let first: Cloud;
  let second: Cloud;
  /** One of the same deployment that has no cache. */
  let plain: Cloud;

  before(async function start() {
    memcached = await ownMemcached(this);
    const deployment = await createDeployment({
      conf: {
        DEFAULT: ['crypt_strength = 1000'],
        cache: [
          'backend = oslo_cache.memcache_pool',
          `memcache_servers = ${memcached.address}`,
          'memcache_dead_retry = 1',
        ],
      },
    });
    await writePaste(deployment, (stock) =>
      stock.replace('#healthcheck\n', '#healthcheck\ndetailed = true\n'),
    );
    first = await serve(deployment);
    second = await first.twin();
    const conf = deployment.path('plain.conf');
    await copyFile(deployment.conf, conf);
    await appendFile(conf, '[cache]\nenabled = false\n');
    const load = (): ReturnType<typeof loadConf> => loadConf({ configFiles: [conf], env: deployment.env });
    plain = await serve({ ...deployment, load, remove: () => Promise.resolve() });
  });
  after(async () => {
    await plain?.stop();
    await first?.stop();
    await memcached?.kill();
  });

  const health = async (cloud: Cloud): Promise<{ status: number; cache: unknown }> => {
    const { status, body } = await cloud.request('GET', '/healthcheck', null, undefined, {
      Accept: 'application/json',
    });
    const reasons = body['reasons'] as { class: string; reason: string }[];
    return { status, cache: reasons.find((each) => each.class === 'cache')?.reason };
  };
  const untilCacheIs = async (cloud: Cloud, wanted: string): Promise<void> => {
    const deadline = Date.now() + 120_000;
    while ((await health(cloud)).cache !== wanted) {
      if (Date.now() > deadline) throw new Error(`the cache is not ${wanted}`);
      await sleep(200);
    }
  };

  it('lets one process answer from what another has found out', async () => {
    // A cache that takes too long on a machine that stalls is not waited for.
    for (let found = 0; found === 0; ) {
      const token = await first.adminToken();
      const told = await validate(first, token);
      expect(told.status).to.equal(200);
      const hits = await stat(memcached.address, 'get_hits');
      const answer = await validate(second, token);
      expect(answer.text).to.equal(told.text);
      found = (await stat(memcached.address, 'get_hits')) - hits;
    }
  });

  it('holds no token, password or hash', async () => {
    const tokens: string[] = [];
    let text = '';
    // What is kept is written beside the answer, and not at all on a machine that stalls.
    while (!text.includes('"methods":["password"]')) {
      const token = await first.adminToken();
      tokens.push(token);
      await validate(first, token);
      await validate(second, token);
      text = await contents(memcached.address);
    }
    for (const token of tokens) expect(text).to.not.contain(token);
    expect(text).to.not.contain(ADMIN.password);
    expect(text).to.not.match(/\$6\$|\$2b\$|password_hash/);
  });

  it('lets nothing pass that was revoked, changed or taken away through another process', async () => {
    const admin = await first.adminToken();
    const created = await first.request('POST', '/v3/users', admin, {
      user: { name: 'shared', password: 'Sh4red-secret' },
    });
    const { id } = created.body['user'] as { id: string };
    const clouds = [first, second];
    for (let round = 0; round < 6; round += 1) {
      const [here, there] = [clouds[round % 2] as Cloud, clouds[(round + 1) % 2] as Cloud];
      const token = await here.token(id, 'Sh4red-secret');
      const seen = await Promise.all([validate(here, token), validate(there, token)]);
      expect(seen.map(({ status }) => status)).to.deep.equal([200, 200]);

      const rename = { user: { name: `shared${round}` } };
      await here.request('PATCH', `/v3/users/${id}`, admin, rename);
      const { body } = await validate(there, token);
      expect(body).to.have.nested.property('token.user.name', `shared${round}`);

      const gone = await there.request('DELETE', '/v3/auth/tokens', admin, undefined, {
        'X-Subject-Token': token,
      });
      expect(gone.status).to.equal(204);
      expect((await validate(here, token)).status).to.equal(401);
      expect((await validate(there, token)).status).to.equal(401);
    }
    const token = await first.token(id, 'Sh4red-secret');
    expect((await validate(second, token)).status).to.equal(200);
    await first.request('PATCH', `/v3/users/${id}`, admin, { user: { enabled: false } });
    expect((await validate(second, token)).status).to.equal(401);
  });

  for (const [what, harm, heal] of [
    ['stalls', async () => memcached.signal('SIGSTOP'), async () => memcached.signal('SIGCONT')],
    ['is killed', () => memcached.kill(), () => memcached.start()],
  ] as const) {
    it(`fails and stalls no request when the server ${what} under load; it shows, and ends by itself`, async () => {
      const admin = await first.adminToken();
      const waits: number[] = [];
      /** What requests wait for at the same time who have no cache. */
      const usual: number[] = [];
      const statuses = new Set<number>();
      /** Each round changes something, so that nothing in memory counts and the cache is asked. */
      const round = async (): Promise<void> => {
        await first.request('PATCH', '/v3/domains/default', admin, {
          domain: { description: String(waits.length) },
        });
        for (const [cloud, list] of [
          [first, waits],
          [plain, usual],
          [second, waits],
        ] as const) {
          list.push(await waitOf(async () => statuses.add((await validate(cloud, admin)).status)));
        }
      };
      await round();
      await harm();
      try {
        for (let turn = 0; turn < 15; turn += 1) await round();
        await untilCacheIs(first, 'DEGRADED');
        expect((await health(first)).status).to.equal(200);
        for (let turn = 0; turn < 5; turn += 1) await round();
      } finally {
        await heal();
      }
      expect([...statuses]).to.deep.equal([200]);
      for (const list of [waits, usual]) list.sort((a, b) => a - b);
      const median = (list: readonly number[]): number => list[Math.floor(list.length / 2)] ?? 0;
      // Half of the requests notice nothing; and none waits beyond its moment.
      expect(median(waits)).to.be.below(median(usual) + 80);
      expect(waits.at(-1)).to.be.below((usual.at(-1) ?? 0) + 2000);
      await untilCacheIs(first, 'OK');
      await untilCacheIs(second, 'OK');
      const hits = await stat(memcached.address, 'get_hits');
      // What one process keeps is written beside its answer: the other may have asked before.
      while ((await stat(memcached.address, 'get_hits')) === hits) await round();
    });
  }
});

describe('[token] cache_on_issue', function limited() {
  this.timeout(120_000);
  for (const provider of ['fernet', 'uuid']) {
    it(`lets a process answer for a ${provider} token that another has issued a moment ago`, async function issue() {
      const memcached = await ownMemcached(this);
      let first: Cloud | undefined;
      try {
        first = await startCloud({
          token: [`provider = ${provider}`, 'cache_on_issue = true'],
          cache: ['backend = dogpile.cache.memcached', `backend_argument = url:${memcached.address}`],
        });
        const second = await first.twin();
        // What a sign-in itself changes (the time of the last one) is done with the first, and a cache that takes
        // too long on a machine that stalls is not waited for.
        for (let found = false; !found; ) {
          const token = await first.adminToken();
          await sleep(100);
          const kept = await contents(memcached.address);
          const writes = await stat(memcached.address, 'cmd_set');
          const { status, body } = await validate(second, token);
          expect(status).to.equal(200);
          const [auditId = ''] = (body['token'] as { audit_ids: string[] }).audit_ids;
          await sleep(100);
          // It was found: nothing had to be found out, and kept, once more.
          found = kept.includes(auditId) && (await stat(memcached.address, 'cmd_set')) === writes;
        }
      } finally {
        await first?.stop();
        await memcached.kill();
      }
    });
  }
});
