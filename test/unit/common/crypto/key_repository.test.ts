import { access, chmod, chown, mkdir, readdir, rename, rm, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { decryptFernet, encryptFernet, FernetKey } from '../../../../src/common/crypto/fernet.js';
import type { KeyNote, KeyRepositoryOptions } from '../../../../src/common/crypto/key_repository.js';
import { KeyRepository } from '../../../../src/common/crypto/key_repository.js';
import { KeysNotFound } from '../../../../src/common/errors.js';
import { type HeldClock, holdClock } from '../../../support/held_clock.js';
import { KeyFolder } from './key_folder.js';

/** Root may read everything: it takes the place of somebody who may not. */
const NOBODY = 65_534;
const NULL_KEY = Buffer.alloc(32).toString('base64');

describe('key repository', () => {
  let folder: KeyFolder;
  let notes: KeyNote[];
  let clock: HeldClock | undefined;

  beforeEach(async () => {
    folder = await KeyFolder.create();
    notes = [];
  });
  afterEach(() => {
    clock?.release();
    clock = undefined;
    return folder.remove();
  });

  /** By default so that only `renewed` looks at the disk again. */
  function repository(options: Partial<KeyRepositoryOptions> = {}): KeyRepository {
    return new KeyRepository(folder.path, {
      kind: 'fernet_tokens',
      recheckMs: 3_600_000,
      onNote: (note) => notes.push(note),
      ...options,
    });
  }

  const texts = (keys: { readonly all: readonly FernetKey[] }): string[] => keys.all.map(({ text }) => text);
  const messages = (): string => notes.map(({ level, message }) => `${level}: ${message}`).join('\n');

  async function missing(attempt: Promise<unknown>): Promise<string> {
    const reason: unknown = await attempt.catch((error: unknown) => error);
    expect(reason).to.be.instanceOf(KeysNotFound);
    return (reason as InstanceType<typeof KeysNotFound>).detail ?? '';
  }

  it('encrypts with the highest key and decrypts with all, the highest first', async () => {
    const keys = [await folder.put('0'), await folder.put('9'), await folder.put('10')];
    const set = await repository().keys();
    expect(texts(set)).to.deep.equal([keys[2], keys[1], keys[0]]);
    expect(set.primary.text).to.equal(keys[2]);
  });

  it('reads numbers as Keystone does: with a sign, zeros or blanks around them', async () => {
    const keys = [
      await folder.put('0'),
      await folder.put('+1'),
      await folder.put(' 02 '),
      await folder.put('-1'),
    ];
    expect(texts(await repository().keys())).to.deep.equal([keys[2], keys[1], keys[0], keys[3]]);
  });

  it('ignores names that are no numbers, and folders', async () => {
    const key = await folder.put('1');
    for (const name of ['README', '1.bak', '.2', '0.tmp', '3~', '0x5', '1e3']) await folder.put(name);
    await mkdir(folder.file('4'));
    expect(texts(await repository().keys())).to.deep.equal([key]);
    expect(notes).to.deep.equal([]);
  });

  it('skips key files that are empty or damaged, and says so once, by name', async () => {
    const key = await folder.put('2');
    await folder.put('0', '');
    await folder.put('1', 'half a key');
    await folder.put('3', 'x'.repeat(10_000));
    const keys = repository();
    expect(texts(await keys.keys())).to.deep.equal([key]);
    await keys.renewed();
    expect(messages().match(/warn: key file .* is empty or damaged and is ignored/g)).to.have.length(3);
    expect(messages()).to.include(folder.file('1')).and.not.to.include('half a key');
  });

  it('has no keys where there is no repository, and names path, option and command', async () => {
    const keys = new KeyRepository(folder.file('none'), {
      kind: 'fernet_tokens',
      onNote: (note) => notes.push(note),
    });
    const detail = await missing(keys.keys());
    expect(detail).to.equal(`[fernet_tokens] key_repository ${folder.file('none')} does not exist`);
    expect(messages()).to.include('keystone-manage fernet_setup');
    expect(keys.health()).to.deep.equal({
      path: folder.file('none'),
      kind: 'fernet_tokens',
      problem: detail,
      keys: [],
    });
    expect(await missing(repository().keys())).to.include('holds no usable key');
  });

  it('finds keys that come later, without a restart', async () => {
    const keys = repository();
    await missing(keys.keys());
    const text = await folder.put('1');
    expect(texts(await keys.keys())).to.deep.equal([text]);
    expect(keys.health().problem).to.equal(null);
  });

  it('warns of a repository and of keys that everybody can read', async () => {
    await folder.put('1');
    await chmod(folder.path, 0o755);
    await chmod(folder.file('1'), 0o644);
    await repository().keys();
    expect(messages()).to.include(`warn: [fernet_tokens] key_repository ${folder.path} is world readable`);
    expect(messages()).to.include(`warn: key file ${folder.file('1')} is world readable`);
  });

  it('notices a rotation at once when asked for renewed keys', async () => {
    await folder.put('0');
    await folder.put('1');
    const [reader, writer] = [repository(), repository()];
    await reader.keys();
    for (let turn = 0; turn < 8; turn += 1) {
      await writer.rotate(3);
      const { primary } = await writer.renewed();
      expect(texts(await reader.renewed())).to.include(primary.text);
    }
  });

  it('notices a key rewritten in place when the keys are due to be looked at', async () => {
    await folder.put('1');
    const keys = repository({ recheckMs: 10 });
    await keys.keys();
    await sleep(80);
    const text = await folder.put('1');
    await sleep(15);
    expect(texts(await keys.keys())).to.deep.equal([text]);
  });

  it('does not look at the disk while the keys are fresh', async () => {
    await folder.put('1');
    const keys = repository();
    const first = await keys.keys();
    await folder.put('2');
    expect(await keys.keys()).to.equal(first);
    expect(keys.current()).to.equal(first);
  });

  it('stops using a key that was removed', async () => {
    await folder.put('0');
    const removed = await folder.put('1');
    const keys = repository();
    expect(texts(await keys.keys())).to.include(removed);
    await unlink(folder.file('1'));
    expect(texts(await keys.renewed())).not.to.include(removed);
  });

  it('keeps the key of a file that is being rewritten, until it is whole again', async () => {
    const [staged, primary] = [await folder.put('0'), await folder.put('1')];
    const keys = repository();
    await keys.keys();
    await folder.put('1', 'half a k');
    await folder.put('2', '');
    await unlink(folder.file('0'));
    expect(texts(await keys.renewed())).to.deep.equal([primary]);
    const [newPrimary, newest] = [await folder.put('1'), await folder.put('2')];
    expect(texts(await keys.renewed())).to.deep.equal([newest, newPrimary]);
    expect(staged).not.to.equal(primary);
  });

  it('reads with a staged key that was replaced until it is there under its new number, or for a while', async () => {
    const staged = await folder.put('0');
    const primary = await folder.put('1');
    const keys = repository({ graceMs: 200 });
    clock = holdClock();
    await keys.keys();
    // Copied from a node that has rotated, the staged key first.
    const newStaged = await folder.put('0');
    expect(texts(await keys.renewed())).to.deep.equal([primary, newStaged, staged]);
    expect(keys.fingerprints()).to.have.length(2);
    await folder.put('2', staged);
    expect(texts(await keys.renewed())).to.deep.equal([staged, primary, newStaged]);
    await unlink(folder.file('2'));
    expect(texts(await keys.renewed())).to.deep.equal([primary, newStaged]);

    const newer = await folder.put('0');
    expect(texts(await keys.renewed())).to.include(newStaged);
    clock.advance(200);
    expect(texts(await keys.renewed())).to.deep.equal([primary, newer]);
  });

  /** Without the right to read some of the key files. */
  async function forbidden(
    context: Mocha.Context,
    names: readonly string[],
    work: () => Promise<void>,
  ): Promise<void> {
    for (const name of names) await chmod(folder.file(name), 0);
    if (process.geteuid?.() !== 0) return work();
    await chown(folder.path, NOBODY, NOBODY);
    for (const name of await readdir(folder.path)) {
      if (!names.includes(name)) await chown(folder.file(name), NOBODY, NOBODY);
    }
    process.seteuid?.(NOBODY);
    let isReachable = false;
    try {
      isReachable = await access(folder.path).then(
        () => true,
        () => false,
      );
      if (isReachable) await work();
    } finally {
      process.seteuid?.(0);
    }
    // Temporary files of root's alone.
    if (!isReachable) context.skip();
  }

  it('does without a key file that it may not read, and says so', async function some() {
    await folder.put('0');
    const primary = await folder.put('1');
    await forbidden(this, ['0'], async () => {
      expect(texts(await repository().keys())).to.deep.equal([primary]);
      expect(messages()).to.match(/^warn: key file \S+\/0 cannot be read by this process and is ignored$/);
    });
  });

  it('has no keys, nor the null key for credentials, where it may read none of them', async function all() {
    await folder.put('0');
    await folder.put('1');
    await forbidden(this, ['0', '1'], async () => {
      for (const kind of ['fernet_tokens', 'credential'] as const) {
        expect(await missing(repository({ kind }).keys())).to.contain(
          'has no key that this process may read',
        );
      }
    });
  });

  it('gives a key up whose file stays damaged', async () => {
    const staged = await folder.put('0');
    await folder.put('1');
    const keys = repository({ graceMs: 30 });
    clock = holdClock();
    await keys.keys();
    await folder.put('1', '');
    expect((await keys.renewed()).all).to.have.length(2);
    clock.advance(30);
    expect(texts(await keys.renewed())).to.deep.equal([staged]);
  });

  it('works on with the last keys for a while when the repository goes away, and then does not', async () => {
    const text = await folder.put('1');
    const keys = repository({ graceMs: 60 });
    clock = holdClock();
    await keys.keys();
    const away = `${folder.path}.away`;
    await rename(folder.path, away);
    try {
      expect(texts(await keys.renewed())).to.deep.equal([text]);
      expect(keys.health().problem).to.include('does not exist');
      expect(messages()).to.include('the last keys stay in force for now');
      clock.advance(60);
      await missing(keys.renewed());
      await missing(keys.keys());
      await rename(away, folder.path);
      expect(texts(await keys.keys())).to.deep.equal([text]);
    } finally {
      await rm(away, { recursive: true, force: true });
    }
  });

  it('shares looks between callers, each of which began after the caller asked', async () => {
    await folder.put('1');
    const keys = repository();
    await keys.keys();
    const early = Array.from({ length: 50 }, () => keys.renewed());
    const text = await folder.put('2');
    const late = Array.from({ length: 50 }, () => keys.renewed());
    await Promise.all(early);
    for (const set of await Promise.all(late)) expect(set.primary.text).to.equal(text);
  });

  it('loses no token while the keys are rotated without pause', async () => {
    await folder.put('0');
    await folder.put('1');
    const [reader, writer] = [repository(), repository({ recheckMs: 0 })];
    await reader.keys();
    // A key outlives so many rotations, and no token waits for more of them, however long a look at the disk takes.
    const kept = 28;
    const turning = { done: false, since: 0 };
    const rotating = (async (): Promise<void> => {
      while (!turning.done) {
        if (turning.since === kept) await sleep(1);
        else {
          turning.since += 1;
          await writer.rotate(kept + 2);
        }
      }
    })();
    try {
      for (let turn = 0; turn < 15; turn += 1) {
        // The one that is under way counts.
        turning.since = 1;
        const token = encryptFernet((await writer.keys()).primary, Buffer.from('token'));
        const opened =
          decryptFernet((await reader.keys()).all, token) ??
          decryptFernet((await reader.renewed()).all, token);
        expect(opened, `token ${turn}`).not.to.equal(null);
      }
    } finally {
      turning.done = true;
      await rotating;
    }
    expect(messages()).to.equal('');
  });

  it('shows its keys by number, role and fingerprint only', async () => {
    const text = await folder.put('0');
    await folder.put('3');
    await folder.put('4');
    const keys = repository();
    await keys.keys();
    const shown = keys.fingerprints();
    expect(shown.map(({ number, role }) => [number, role])).to.deep.equal([
      [4, 'primary'],
      [3, 'secondary'],
      [0, 'staged'],
    ]);
    expect(shown[2]?.fingerprint).to.equal(new FernetKey(text).fingerprint);
    expect(JSON.stringify(keys.health())).not.to.include(text.slice(0, 10));
  });

  describe('of credentials', () => {
    const credentials = (path = folder.path): KeyRepository =>
      new KeyRepository(path, { kind: 'credential', graceMs: 30, onNote: (note) => notes.push(note) });

    it('falls back to the null key where no repository was set up, and warns', async () => {
      for (const path of [folder.path, folder.file('none')]) {
        const set = await credentials(path).keys();
        expect(texts(set)).to.deep.equal([NULL_KEY]);
        expect(set.isNullKey).to.equal(true);
      }
      expect(messages()).to.match(/null key; run "keystone-manage credential_setup"/);
    });

    it('always decrypts with the null key last', async () => {
      const text = await folder.put('1');
      const set = await credentials().keys();
      expect(texts(set)).to.deep.equal([text, NULL_KEY]);
      expect(set.isNullKey).to.equal(false);
    });

    it('takes keys into use as soon as there are some', async () => {
      const keys = credentials();
      await keys.keys();
      const text = await folder.put('1');
      expect((await keys.renewed()).primary.text).to.equal(text);
    });

    it('does not fall back to the null key when its keys are lost', async () => {
      await folder.put('1');
      const keys = credentials();
      await keys.keys();
      await unlink(folder.file('1'));
      await keys.renewed();
      await sleep(40);
      expect(await missing(keys.renewed())).to.include('has lost its keys');
      await folder.remove();
      await missing(keys.renewed());
    });
  });
});
