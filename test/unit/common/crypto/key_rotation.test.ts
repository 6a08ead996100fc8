import { chmod, mkdir, readdir, readFile, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { FernetKey } from '../../../../src/common/crypto/fernet.js';
import { KeyRotationError, rotateKeys, setupKeys } from '../../../../src/common/crypto/key_rotation.js';
import { KeyFolder } from './key_folder.js';

const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

async function failure(attempt: Promise<unknown>): Promise<KeyRotationError> {
  const outcome: unknown = await attempt.then(
    () => 'it worked',
    (reason: unknown) => reason,
  );
  expect(outcome).to.be.instanceOf(KeyRotationError);
  return outcome as KeyRotationError;
}

describe('key rotation', () => {
  let folder: KeyFolder;

  beforeEach(async () => {
    folder = await KeyFolder.create();
  });
  afterEach(() => folder.remove());

  const names = async (path = folder.path): Promise<string[]> => (await readdir(path)).sort();
  const read = (name: string): Promise<string> => readFile(folder.file(name), 'utf8');

  it('sets a repository up that only its owner can read, with a staged and a primary key', async () => {
    const path = folder.file('deep/keys');
    expect(await setupKeys(path, { maxActiveKeys: 3 })).to.equal(true);
    expect(await names(path)).to.deep.equal(['0', '1']);
    expect(await mode(path)).to.equal(0o700);
    for (const name of ['0', '1']) {
      expect(await mode(join(path, name))).to.equal(0o600);
      expect(new FernetKey(await readFile(join(path, name), 'utf8')).text).to.have.length(44);
    }
  });

  it('leaves a repository alone that has a staged key', async () => {
    await folder.put('0');
    const before = await read('0');
    expect(await setupKeys(folder.path, { maxActiveKeys: 3 })).to.equal(false);
    expect(await names()).to.deep.equal(['0']);
    expect(await read('0')).to.equal(before);
  });

  it('promotes the staged key, stages a new one and drops the oldest', async () => {
    const [staged, , primary] = [await folder.put('0'), await folder.put('1'), await folder.put('2')];
    expect(await rotateKeys(folder.path, { maxActiveKeys: 3 })).to.deep.equal({ primary: 3, removed: [1] });
    expect(await names()).to.deep.equal(['0', '2', '3']);
    expect([await read('2'), await read('3')]).to.deep.equal([primary, staged]);
    expect(await read('0')).not.to.be.oneOf([staged, primary]);
    expect(await mode(folder.file('0'))).to.equal(0o600);
  });

  it('removes nothing where not even the staged key may be kept', async () => {
    await folder.put('0');
    const { message } = await failure(rotateKeys(folder.path, { maxActiveKeys: 0 }));
    expect(message).to.contain(folder.path);
    expect(await names()).to.deep.equal(['0']);
  });

  it('never has fewer keys on disk than before, at any moment of a rotation', async () => {
    await setupKeys(folder.path, { maxActiveKeys: 4 });
    await rotateKeys(folder.path, { maxActiveKeys: 4 });
    const known = new Set(await Promise.all((await names()).map(read)));
    const turning = { done: false };
    const watch = (async (): Promise<number> => {
      let looks = 0;
      while (!turning.done) {
        const present = await names();
        expect(present).to.include('0');
        expect(present.filter((name) => /^\d+$/.test(name)).length).to.be.at.least(known.size);
        looks += 1;
      }
      return looks;
    })();
    await rotateKeys(folder.path, { maxActiveKeys: 4 });
    turning.done = true;
    expect(await watch).to.be.greaterThan(0);
    const after = await Promise.all((await names()).map(read));
    for (const key of known) expect(after).to.include(key);
  });

  it('lets one rotation at a time through', async () => {
    await setupKeys(folder.path, { maxActiveKeys: 10 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => rotateKeys(folder.path, { maxActiveKeys: 10 })),
    );
    const succeeded = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(succeeded).to.be.at.least(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).to.be.instanceOf(KeyRotationError);
    }
    expect(await names()).to.have.length(2 + succeeded);
  });

  it('is not stopped by one that has failed', async () => {
    await setupKeys(folder.path, { maxActiveKeys: 3 });
    await mkdir(folder.file('2'));
    expect((await failure(rotateKeys(folder.path, { maxActiveKeys: 3 }))).message).to.include(
      folder.file('2'),
    );
    expect(await names()).to.deep.equal(['0', '1', '2']);
    await rmdir(folder.file('2'));
    expect(await rotateKeys(folder.path, { maxActiveKeys: 3 })).to.include({ primary: 2 });
  });

  it('is not stopped for ever by a rotation that was killed', async () => {
    await setupKeys(folder.path, { maxActiveKeys: 3 });
    await folder.put('0.tmp', 'half a k');
    expect((await failure(rotateKeys(folder.path, { maxActiveKeys: 3 }))).message).to.include('0.tmp');
    const longAgo = new Date(Date.now() - 120_000);
    await utimes(folder.file('0.tmp'), longAgo, longAgo);
    await rotateKeys(folder.path, { maxActiveKeys: 3 });
    expect(await names()).to.deep.equal(['0', '1', '2']);
  });

  it('does not promote a damaged key to encrypt with', async () => {
    await folder.put('0', 'half a k');
    await folder.put('1');
    const { message } = await failure(rotateKeys(folder.path, { maxActiveKeys: 3 }));
    expect(message)
      .to.include(folder.file('0'))
      .and.to.include('not a usable key')
      .and.not.to.include('half a k');
    expect(await names()).to.deep.equal(['0', '1']);
  });

  it('names the directory that is missing or no directory', async () => {
    const missing = await failure(rotateKeys(folder.file('none'), { maxActiveKeys: 3 }));
    expect(missing.message).to.equal(`key repository ${folder.file('none')} does not exist`);
    await folder.put('file', '');
    expect((await failure(rotateKeys(folder.file('file'), { maxActiveKeys: 3 }))).message).to.include(
      'directory',
    );
  });

  it('leaves files alone that are no keys', async () => {
    await setupKeys(folder.path, { maxActiveKeys: 1 });
    await folder.put('README', 'do not touch');
    await rotateKeys(folder.path, { maxActiveKeys: 1 });
    expect(await names()).to.deep.equal(['0', 'README']);
  });

  it('gives directory and keys to the owner, where it may', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const path = folder.file('owned');
    const owner = { uid: 12_345, gid: 23_456 };
    await setupKeys(path, { maxActiveKeys: 3, owner });
    for (const file of [path, join(path, '0'), join(path, '1')]) {
      expect(await stat(file)).to.include(owner);
    }
    await chmod(path, 0o700);
    await rotateKeys(path, { maxActiveKeys: 3, owner });
    expect(await stat(join(path, '0'))).to.include(owner);
  });
});
