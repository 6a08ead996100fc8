import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  decryptFernet,
  encryptFernet,
  FernetKey,
  InvalidFernetKey,
} from '../../../../src/common/crypto/fernet.js';

/** The official test vector of github.com/fernet/spec. */
const SPEC_KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const SPEC_TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

describe('Fernet', () => {
  const key = new FernetKey(SPEC_KEY);

  it('agrees with the test vector of the specification', () => {
    const iv = Buffer.from(Array.from({ length: 16 }, (_, index) => index));
    expect(encryptFernet(key, Buffer.from('hello'), { now: 499_162_800, iv })).to.equal(SPEC_TOKEN);
    expect(decryptFernet([key], SPEC_TOKEN)).to.deep.equal({
      plaintext: Buffer.from('hello'),
      timestamp: 499_162_800,
    });
  });

  it('reads what it wrote, whatever the length', () => {
    for (let length = 0; length < 70; length += 1) {
      const plaintext = Buffer.alloc(length, 'x');
      expect(decryptFernet([key], encryptFernet(key, plaintext))?.plaintext).to.deep.equal(plaintext);
    }
  });

  it('never writes the same text twice', () => {
    const plaintext = Buffer.from('hello');
    expect(encryptFernet(key, plaintext, { now: 1 })).not.to.equal(encryptFernet(key, plaintext, { now: 1 }));
  });

  it('tries all keys, and refuses what none of them made', () => {
    const others = [FernetKey.generate(), FernetKey.generate()];
    expect(decryptFernet([...others, key], SPEC_TOKEN)?.timestamp).to.equal(499_162_800);
    expect(decryptFernet(others, SPEC_TOKEN)).to.equal(null);
    expect(decryptFernet([], SPEC_TOKEN)).to.equal(null);
  });

  it('refuses a message with any bit changed, any byte missing or added', () => {
    const bytes = Buffer.from(SPEC_TOKEN, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        expect(decryptFernet([key], changed.toString('base64')), `byte ${index} bit ${bit}`).to.equal(null);
      }
      expect(decryptFernet([key], bytes.subarray(0, index).toString('base64'))).to.equal(null);
    }
    expect(decryptFernet([key], Buffer.concat([bytes, Buffer.of(0)]).toString('base64'))).to.equal(null);
  });

  it('refuses signed messages that Fernet cannot have made', () => {
    const signed = (body: Buffer): string => Buffer.concat([body, key.sign(body)]).toString('base64');
    const head = Buffer.from(SPEC_TOKEN, 'base64url').subarray(0, 25);
    for (const body of [Buffer.alloc(0), head, Buffer.concat([head, Buffer.alloc(15)])]) {
      expect(decryptFernet([key], signed(body))).to.equal(null);
    }
    // Whole blocks, but no padding inside.
    expect(decryptFernet([key], signed(Buffer.concat([head, Buffer.alloc(32)])))).to.equal(null);
  });

  it('refuses keys that are not 32 bytes, without repeating them', () => {
    for (const text of [
      '',
      'short',
      SPEC_KEY.slice(0, -1),
      `AAAA${SPEC_KEY}`,
      'not base64 at all, but 44 characters long!!!',
    ]) {
      expect(() => new FernetKey(text), text)
        .to.throw(InvalidFernetKey)
        .with.property('message')
        .not.includes(text || '?');
    }
    expect(new FernetKey(`${SPEC_KEY}\n`).text).to.equal(`${SPEC_KEY}\n`);
  });

  it('generates keys that other readers of key files accept', () => {
    expect(FernetKey.generate().text).to.match(/^[A-Za-z0-9_-]{43}=$/);
  });

  it('does not show keys when objects are printed', () => {
    const shown = inspect({ key }, { depth: 5, showHidden: true }) + JSON.stringify({ key });
    expect(shown).not.to.include(SPEC_KEY.slice(0, 8));
    expect(key.fingerprint).to.match(/^[0-9a-f]{16}$/);
  });
});
