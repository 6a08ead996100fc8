import { expect } from 'chai';
import { equalBytes, equalText } from '../../../../src/common/crypto/constant_time.js';
import { sha1Hex, sha256Hex } from '../../../../src/common/crypto/digests.js';
import { newAuditId, randomAlphanumeric, uuidHex } from '../../../../src/common/crypto/random_ids.js';

describe('constant-time comparison', () => {
  it('tells equal from unequal, by content and by length', () => {
    expect(equalText('sécret', 'sécret')).to.equal(true);
    expect(equalText('sécret', 'secret')).to.equal(false);
    expect(equalText('secret', 'secret ')).to.equal(false);
    expect(equalText('', 'x')).to.equal(false);
    expect(equalText('', '')).to.equal(true);
    expect(equalBytes(Buffer.of(1, 2), Buffer.of(1, 2))).to.equal(true);
    expect(equalBytes(Buffer.of(1, 2), Buffer.of(1, 3))).to.equal(false);
  });
});

describe('digests', () => {
  it('are hexadecimal, over UTF-8', () => {
    expect(sha256Hex('abc')).to.equal('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha1Hex('é')).to.equal('bf15be717ac1b080b4f1c456692825891ff5073d');
  });
});

describe('random ids', () => {
  it('are UUIDs without hyphens', () => {
    expect(uuidHex()).to.match(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(new Set(Array.from({ length: 1000 }, uuidHex)).size).to.equal(1000);
  });

  it('are audit ids of 22 characters that hold 16 bytes', () => {
    const id = newAuditId();
    expect(id).to.match(/^[A-Za-z0-9_-]{22}$/);
    expect(Buffer.from(id, 'base64url')).to.have.length(16);
  });

  it('are texts of letters and digits in the length asked for, using all of them', () => {
    expect(randomAlphanumeric(8)).to.match(/^[A-Za-z0-9]{8}$/);
    expect(randomAlphanumeric(0)).to.equal('');
    expect(new Set(randomAlphanumeric(5000)).size).to.equal(62);
  });
});
