/** Rotation of keys on nodes that each have a copy of the repository: no token is lost, and a missing copy shows. */
import { mkdir, open, readdir, readFile, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FernetKey } from '../../src/common/crypto/fernet.js';
import { loadConf } from '../../src/conf/index.js';
import { type Cloud, serve } from '../api/cloud.js';
import { createDeployment, type Deployment, runManage } from '../support/deployment.js';

const OWNER = [
  '--keystone-user',
  String(process.getuid?.() ?? 0),
  '--keystone-group',
  String(process.getgid?.() ?? 0),
];

/** Copy as a careless script does: the staged key first, into the files as they are, in pieces. */
async function copyKeys(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => /^\d+$/.test(name)).sort();
  for (const name of names) {
    const text = await readFile(join(from, name), 'utf8');
    const file = await open(join(to, name), 'w', 0o600);
    await file.write(text.slice(0, 20));
    await sleep(40);
    await file.write(text.slice(20));
    await file.close();
  }
  for (const name of await readdir(to)) if (!names.includes(name)) await unlink(join(to, name));
}

describe('two nodes with a key repository each', function limited() {
  this.timeout(300_000);
  let deployment: Deployment;
  let first: Cloud;
  let second: Cloud;
  let own: string;
  let copy: string;

  before(async function start() {
    this.timeout(300_000);
    deployment = await createDeployment({
      conf: { DEFAULT: ['crypt_strength = 1000'], fernet_tokens: ['max_active_keys = 4'] },
    });
    own = deployment.path('fernet-keys');
    copy = deployment.path('keys-of-node-2');
    await mkdir(copy, { mode: 0o700 });
    await copyKeys(own, copy);
    const conf = deployment.path('node2.conf');
    await writeFile(conf, (await readFile(deployment.conf, 'utf8')).replace(own, copy), { mode: 0o600 });
    first = await serve(deployment);
    const load = (): ReturnType<typeof loadConf> => loadConf({ configFiles: [conf], env: deployment.env });
    second = await serve({ ...deployment, load, remove: () => Promise.resolve() });
  });
  after(async function stop() {
    this.timeout(300_000);
    await second?.stop();
    await first?.stop();
  });

  const rotate = (...more: string[]): ReturnType<typeof runManage> =>
    runManage([...deployment.args, 'fernet_rotate', ...OWNER, ...more], deployment.env);
  /** Why a token is refused; null when it is not. */
  const refusal = async (cloud: Cloud, token: string): Promise<string | null> => {
    const subject = { 'X-Subject-Token': token };
    const { status, text } = await cloud.request('GET', '/v3/auth/tokens', token, undefined, subject);
    return status === 200 ? null : `${cloud === first ? 'first' : 'second'}: ${status} ${text}`;
  };
  const fingerprints = async (cloud: Cloud): Promise<string[]> => {
    const { body } = await cloud.request('GET', '/healthcheck', null, undefined, {
      Accept: 'application/json',
    });
    const repositories = body['keys'] as { repository: string; keys: { fingerprint: string }[] }[];
    const tokens = repositories.find(({ repository }) => repository === 'fernet_tokens');
    return (tokens?.keys ?? []).map(({ fingerprint }) => fingerprint);
  };

  /**
   * Waits until both nodes have read all keys, which they do when they need keys: one that has read the staged key in the
   * midst of a copy may yet encrypt with a key that the rotation after the next removes.
   */
  async function untilCopied(): Promise<void> {
    const deadline = Date.now() + 240_000;
    const names = await readdir(own);
    const texts = await Promise.all(names.map((name) => readFile(join(own, name), 'utf8')));
    const all = texts.map((text) => new FernetKey(text).fingerprint);
    const hasAll = (known: readonly string[]): boolean => all.every((each) => known.includes(each));
    const haveIt = async (): Promise<boolean> =>
      hasAll(await fingerprints(first)) && hasAll(await fingerprints(second));
    while (!(await haveIt())) {
      if (Date.now() > deadline) throw new Error('the nodes do not have all keys');
      await sleep(100);
      await refusal(second, await first.adminToken());
    }
  }

  it('lose no token while keys are rotated on one and copied to the other', async function rotation() {
    this.timeout(300_000);
    const refused: string[] = [];
    const state = { done: false, issued: 0 };
    const nodes = [first, second];
    const using = async (): Promise<void> => {
      for (let turn = 0; !state.done; turn += 1) {
        const [here, there] = [nodes[turn % 2] as Cloud, nodes[(turn + 1) % 2] as Cloud];
        const token = await here.adminToken();
        state.issued += 1;
        for (const cloud of [there, here]) {
          const why = await refusal(cloud, token);
          if (why !== null) refused.push(`${turn}: ${why}`);
        }
      }
    };
    const users = [using(), using()];
    try {
      for (let turn = 0; turn < 4; turn += 1) {
        await rotate();
        await sleep(300);
        await copyKeys(own, copy);
        // No rotation comes before every node has the keys of the one before.
        await untilCopied();
        for (const reached = state.issued; state.issued < reached + 2; ) await sleep(20);
      }
    } finally {
      state.done = true;
      await Promise.all(users);
    }
    expect(refused).to.deep.equal([]);
  });

  it('warns when the staged key is too new to be on every node', async () => {
    const stagedBefore = async (milliseconds: number): Promise<void> => {
      const then = new Date(Date.now() - milliseconds);
      await utimes(join(own, '0'), then, then);
    };
    await stagedBefore(0);
    expect((await rotate()).err).to.match(/warning: the staged key \S+ of .* is 0 min old/);
    await copyKeys(own, copy);
    await stagedBefore(3_600_000);
    expect((await rotate()).err).to.equal('');
  });

  it('changes nothing when a node that is asked does not have the staged key', async function peers() {
    this.timeout(300_000);
    // The rotation before has staged a key that was not copied.
    const before = (await readdir(own)).sort();
    const failure = await rotate('--peer', second.url).catch((error: unknown) => String(error));
    expect(failure).to.contain(`${second.url}: the staged key`).and.contain('Nothing was changed');
    expect((await readdir(own)).sort()).to.deep.equal(before);

    await copyKeys(own, copy);
    await untilCopied();
    const { out, err } = await rotate('--peer', second.url, '--peer', `${first.url}/healthcheck`);
    expect(out).to.contain('is primary now');
    expect(err).to.equal('');
  });

  it('says which node cannot be asked, and rotates when told to in spite of one that lacks the key', async () => {
    const { err } = await rotate('--force', '--peer', 'http://127.0.0.1:1', '--peer', second.url);
    expect(err).to.contain('warning: http://127.0.0.1:1: it cannot be asked: ');
    expect(err).to.contain(`warning: ${second.url}: it does not have the staged key`);
  });
});
