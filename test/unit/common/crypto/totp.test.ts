import { expect } from 'chai';
import { totpPasscode, verifyTotp } from '../../../../src/common/crypto/totp.js';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('TOTP', () => {
  it('accepts the passcode of the current step only', () => {
    const passcode = totpPasscode(SECRET, 59);
    expect(verifyTotp(SECRET, passcode, 30)).to.equal(true);
    expect(verifyTotp(SECRET, passcode, 29.9)).to.equal(false);
    expect(verifyTotp(SECRET, passcode, 60)).to.equal(false);
  });

  it('accepts passcodes of as many earlier steps as it is told, and of no later one', () => {
    const passcode = totpPasscode(SECRET, 659);
    expect(verifyTotp(SECRET, passcode, 719.9, 2)).to.equal(true);
    expect(verifyTotp(SECRET, passcode, 720, 2)).to.equal(false);
    expect(verifyTotp(SECRET, passcode, 629.9, 2)).to.equal(false);
  });

  it('refuses everything that is not the passcode itself', () => {
    for (const passcode of ['', '28708', '287082 ', '0287082', '２８７０８２']) {
      expect(verifyTotp(SECRET, passcode, 59), passcode).to.equal(false);
    }
  });

  it('says what is wrong with a secret without showing it', () => {
    for (const secret of ['GEZDGNBVGY3TQOJQ', 'gezdgnbvgy3tqojqgezdgnbvgy3tqojq', 'A']) {
      expect(() => totpPasscode(secret, 59))
        .to.throw(/^a TOTP secret must/)
        .with.property('message')
        .that.does.not.include(secret.length > 1 ? secret : 'GEZ');
    }
  });
});
