import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type {
  PasswordHashing,
  PasswordHashingOptions,
} from '../../../../../src/common/crypto/password/index.js';
import {
  createPasswordHashing,
  PasswordHashingConfigError,
} from '../../../../../src/common/crypto/password/index.js';
import {
  PasswordVerificationError,
  ServiceUnavailable,
  ValidationError,
} from '../../../../../src/common/errors.js';
import { cpuTime } from '../../../../support/cpu_time.js';

const MODULE = new URL('../../../../../src/common/crypto/password/index.ts', import.meta.url).href;

async function reasonOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    (value) => value,
    (reason: unknown) => reason,
  );
}

describe('password hashing', () => {
  const opened: PasswordHashing[] = [];
  const open = (options: PasswordHashingOptions = {}): PasswordHashing => {
    const hashing = createPasswordHashing({ rounds: 1000, threads: 1, ...options });
    opened.push(hashing);
    return hashing;
  };

  after(() => Promise.all(opened.map((hashing) => hashing.close())));

  it("writes Newton's hashes by default", async () => {
    const hashing = open();
    const hash = await hashing.hash('grüße');
    expect(hash).to.match(/^\$6\$rounds=1000\$/);
    expect(await hashing.verify('grüße', hash)).to.equal(true);
    expect(await hashing.verify('grusse', hash)).to.equal(false);
  });

  it('verifies hashes of all algorithms, whichever is configured', async () => {
    const sha = open();
    const bcrypt = open({ algorithm: 'bcrypt', rounds: 4 });
    const hash = await bcrypt.hash('secret');
    expect(hash).to.match(/^\$2b\$04\$/);
    expect(await sha.verify('secret', hash)).to.equal(true);
    expect(await bcrypt.verify('secret', await sha.hash('secret'))).to.equal(true);
  });

  it('matches nothing where there is no password or no hash', async () => {
    const hashing = open();
    const hash = await hashing.hash('');
    expect(await hashing.verify(null, hash)).to.equal(false);
    expect(await hashing.verify('', null)).to.equal(false);
    expect(await hashing.verify('', '')).to.equal(false);
    expect(await hashing.dummyVerify('secret')).to.equal(false);
    expect(await hashing.dummyVerify(null)).to.equal(false);
  });

  it('refuses to hash what it could not verify', async () => {
    const hashing = open();
    for (const password of ['nul\0', 'lone \ud800 surrogate']) {
      expect(await reasonOf(hashing.hash(password))).to.be.instanceOf(ValidationError);
      expect(await hashing.verify(password, await hashing.hash('nul'))).to.equal(false);
    }
  });

  it('cuts a long password, or refuses it under a strict check, naming the limit and not the password', async () => {
    const lax = open({ maxLength: 8 });
    expect(await lax.verify('secret12-more', await lax.hash('secret12'))).to.equal(true);
    const strict = open({ maxLength: 8, strict: true });
    for (const attempt of [strict.hash('secret12-more'), strict.verify('secret12-more', 'x')]) {
      const reason = await reasonOf(attempt);
      expect(reason).to.be.instanceOf(PasswordVerificationError);
      expect(String(reason)).to.include('8').and.not.to.include('secret');
    }
  });

  it('works as much for a missing or damaged hash as for a good one', async function work() {
    this.timeout(120_000);
    const hashing = open({ rounds: 10_000 });
    const hash = await hashing.hash('secret');
    const time = (work: () => Promise<boolean>): Promise<number> =>
      cpuTime(async () => expect(await work()).to.equal(false));
    for (const work of [
      () => hashing.verify('wrong', null),
      () => hashing.verify('wrong', '$6$damaged'),
      () => hashing.verify('nul\0', hash),
      () => hashing.dummyVerify('wrong'),
      () => hashing.dummyVerify(null),
    ]) {
      // In turns, so that both have the same neighbours on the machine; as many as it takes to see both undisturbed.
      let [usual, other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      const areAlike = (): boolean => other >= usual * 0.4 && other <= usual * 3;
      for (let turn = 0; turn < 4 || !areAlike(); turn += 1) {
        usual = Math.min(usual, await time(() => hashing.verify('wrong', hash)));
        other = Math.min(other, await time(work));
      }
    }
  });

  it('leaves the event loop free while passwords are hashed', async function free() {
    this.timeout(120_000);
    const hashing = open({ rounds: 50_000 });
    await hashing.hash('warm');
    const turnsMeanwhile = async (): Promise<number> => {
      let turns = 0;
      const state = { isDone: false };
      const hashes = Array.from({ length: 2 }, () => hashing.hash('secret'));
      const done = Promise.all(hashes).finally(() => (state.isDone = true));
      for (; !state.isDone; turns += 1) await sleep(1);
      await done;
      return turns;
    };
    // On the event loop it would be a turn or two for each hash, always. Where the machine stalls for the time of all of
    // them, the next ones show it.
    while ((await turnsMeanwhile()) < 20);
  });

  it('answers at once that it is busy when too many are waiting, and recovers', async () => {
    const hashing = open({ maxPending: 2, rounds: 5000 });
    const [first, second, third] = await Promise.all(
      ['a', 'b', 'c'].map((password) => reasonOf(hashing.hash(password))),
    );
    expect([first, second].every((hash) => String(hash).startsWith('$6$'))).to.equal(true);
    expect(third).to.be.instanceOf(ServiceUnavailable);
    expect(await hashing.hash('c')).to.match(/^\$6\$/);
  });

  it('finishes what is under way when it is closed, and takes no more', async () => {
    const hashing = createPasswordHashing({ rounds: 20_000, threads: 1 });
    const pending = hashing.hash('secret');
    await hashing.close();
    expect(await pending).to.match(/^\$6\$/);
    expect(await reasonOf(hashing.hash('secret'))).to.be.instanceOf(ServiceUnavailable);
  });

  it('keeps no process alive that has nothing else to do', async () => {
    const script = `
      const { createPasswordHashing } = await import(${JSON.stringify(MODULE)});
      const hash = await createPasswordHashing({ rounds: 1000 }).hash('secret');
      process.stdout.write(hash.slice(0, 3));
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    expect([code, output]).to.deep.equal([0, '$6$']);
  });

  it('refuses options that the algorithm cannot work with, naming option and range', () => {
    const wrong: readonly (readonly [PasswordHashingOptions, string])[] = [
      [{ rounds: 999 }, '[DEFAULT] crypt_strength = 999: sha512_crypt takes 1000 to 999999999'],
      [{ algorithm: 'bcrypt', rounds: 3 }, '[identity] password_hash_rounds = 3: bcrypt takes 4 to 31'],
      [{ algorithm: 'scrypt', rounds: 1.5 }, '[identity] password_hash_rounds = 1.5: scrypt takes 1 to 31'],
      [{ algorithm: 'scrypt', rounds: 30 }, 'more than 1 GiB'],
      [{ algorithm: 'scrypt', scryptBlockSize: 0 }, '[identity] scrypt_block_size = 0'],
      [{ algorithm: 'pbkdf2_sha512', saltBytes: 97 }, '[identity] salt_bytesize = 97'],
    ];
    for (const [options, message] of wrong) {
      expect(() => createPasswordHashing(options)).to.throw(PasswordHashingConfigError, message);
    }
  });
});
