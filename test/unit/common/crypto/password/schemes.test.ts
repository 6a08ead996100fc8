import { expect } from 'chai';
import { decodeHash64, encodeHash64 } from '../../../../../src/common/crypto/password/hash64.js';
import type { HashCost, PasswordAlgorithm } from '../../../../../src/common/crypto/password/scheme.js';
import run from '../../../../../src/common/crypto/password/worker.js';

const COST: HashCost = {
  algorithm: 'sha512_crypt',
  rounds: 1000,
  blockSize: 8,
  parallelism: 1,
  saltBytes: 16,
};
const CHEAP: readonly (readonly [PasswordAlgorithm, number, RegExp])[] = [
  ['sha512_crypt', 1000, /^\$6\$rounds=1000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/],
  ['bcrypt', 4, /^\$2b\$04\$[./A-Za-z0-9]{53}$/],
  ['scrypt', 4, /^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/],
  ['pbkdf2_sha512', 10, /^\$pbkdf2-sha512\$10\$[A-Za-z0-9./]{22}\$[A-Za-z0-9./]{86}$/],
];

function verify(password: string, hash: string): string | boolean {
  return run({ kind: 'verify', password: Buffer.from(password), hash, cost: COST });
}

describe('password schemes', () => {
  for (const [algorithm, rounds, form] of CHEAP) {
    it(`${algorithm}: makes hashes of the stored form that match their password only`, () => {
      for (const password of ['', 'secret', 'grüße 🔑', 'x'.repeat(71)]) {
        const hash = String(
          run({ kind: 'hash', password: Buffer.from(password), cost: { ...COST, algorithm, rounds } }),
        );
        expect(hash).to.match(form);
        expect(verify(password, hash)).to.equal(true);
        expect(verify(`${password}y`, hash)).to.equal(false);
      }
    });

    it(`${algorithm}: makes another hash each time`, () => {
      const task = {
        kind: 'hash',
        password: Buffer.from('x'),
        cost: { ...COST, algorithm, rounds },
      } as const;
      expect(run(task)).not.to.equal(run(task));
    });
  }

  it('agree with the test vectors of SHA-512 crypt', () => {
    // From the specification of the algorithm.
    const vectors = [
      [
        'Hello world!',
        '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
      ],
      [
        'This is just a test',
        '$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
      ],
      [
        'the minimum number is still observed',
        '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
      ],
    ] as const;
    for (const [password, hash] of vectors) expect(verify(password, hash), hash).to.equal(true);
  });

  it('read the spellings of scrypt and bcrypt that are no longer written', () => {
    const scrypt7 = '$7$4/..../....4/xfi5FyLmUsJeR8DwGgtA$gawBVGDfj2qLFAz/bJRyPLRazS4BFvC0sJURK4urvb8';
    expect(verify('secret', scrypt7)).to.equal(true);
    expect(verify('Secret', scrypt7)).to.equal(false);
    // $2$ repeats the password where the later ones end it.
    expect(verify('test', '$2$04$5BJqKfqMQvV7nS.yUguNcuRfMMOXK0xPWavM7pOzjEi5ze5T1k8/S')).to.equal(true);
    expect(verify('testtest', '$2$04$5BJqKfqMQvV7nS.yUguNcuRfMMOXK0xPWavM7pOzjEi5ze5T1k8/S')).to.equal(true);
  });

  it('read base64 with its padding, which their own writers leave out', () => {
    const scrypt = '$scrypt$ln=8,r=8,p=1$dmVjdG9yc2FsdHZlY3Rvcg$aEuVNL2itQNo4kzU4EIzfLIQqkHfVw7Mdm1BEVMAx3c';
    const pbkdf2 =
      '$pbkdf2-sha512$1000$dmVjdG9yc2FsdHZlY3Rvcg$4V3AWf09PrICAO5PQCnaG1R4rTZORdEbPKknN3DNr0BVumr.ywVs36JXp48jTucH61LJD/Zd1oVDFnV9DtNWaw';
    for (const hash of [`${scrypt}=`, `${pbkdf2}==`]) {
      expect(verify('secret', hash.replace('Rvcg$', 'Rvcg==$')), hash).to.equal(true);
      expect(verify('Secret', hash), hash).to.equal(false);
    }
  });

  it('overlook the unused bits that old bcrypt libraries left set', () => {
    // The 22nd character of the salt should be one of ".Oeu", the last of the hash one of ".CGKOSWaeimquy26".
    const clean = '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
    expect(verify('secret', clean)).to.equal(true);
    expect(verify('secret', clean.replace('stuu2', 'stuv2'))).to.equal(true);
    expect(verify('secret', `${clean.slice(0, -1)}X`)).to.equal(true);
    expect(verify('secret', `${clean.slice(0, -1)}a`)).to.equal(false);
  });

  it('take no text for a hash that is none', () => {
    const hashes = [
      '',
      'secret',
      '$',
      '$$',
      '$6$',
      '$6$salt$short',
      '$5$salt$x',
      '$constructor$x',
      '$__proto__$x',
      '$2x$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW',
      '$2b$32$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW',
      '$scrypt$ln=0,r=8,p=1$dmVjdG9yc2FsdHZlY3Rvcg$aEuVNL2itQNo4kzU4EIzfLIQqkHfVw7Mdm1BEVMAx3c',
      '$scrypt$ln=8,r=0,p=1$dmVjdG9yc2FsdHZlY3Rvcg$aEuVNL2itQNo4kzU4EIzfLIQqkHfVw7Mdm1BEVMAx3c',
      '$pbkdf2-sha512$0$dmVjdG9yc2FsdHZlY3Rvcg$4V3AWf09PrICAO5PQCnaG1R4rTZORdEbPKknN3DNr0BVumr',
    ];
    for (const hash of hashes) expect(verify('secret', hash), hash).to.equal(false);
  });

  it('refuse a hash that would take all memory', () => {
    const hash = '$scrypt$ln=30,r=8,p=1$dmVjdG9yc2FsdHZlY3Rvcg$aEuVNL2itQNo4kzU4EIzfLIQqkHfVw7Mdm1BEVMAx3c';
    expect(verify('secret', hash)).to.equal(false);
  });

  it('need no memory to speak of for long passwords', () => {
    const before = process.memoryUsage().arrayBuffers;
    run({ kind: 'hash', password: Buffer.alloc(16_384, 'x'), cost: COST });
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(64 * 2 ** 20);
  });
});

describe('base64 of crypt(3)', () => {
  it('reads what it wrote', () => {
    for (let length = 0; length < 20; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 97 + length) & 0xff));
      expect(decodeHash64(encodeHash64(bytes))).to.deep.equal(bytes);
    }
    expect(decodeHash64('a')).to.equal(null);
    expect(decodeHash64('a!aa')).to.equal(null);
  });
});
