import { expect } from 'chai';
import { InvalidTotpSecret, totpPasscode, verifyTotp } from '../../src/common/crypto/totp.js';
import type { VectorCase } from './support.js';
import { eachCase, vectorCases } from './support.js';

interface Case extends VectorCase {
  readonly secret: string;
  readonly time: number;
  readonly expected?: string;
  readonly error?: string;
}

const NAME = 'totp.json';

describe('vectors: TOTP', () => {
  eachCase(NAME, vectorCases<Case>(NAME), ({ secret, time, expected }) => {
    if (expected === undefined) {
      expect(() => totpPasscode(secret, time)).to.throw(InvalidTotpSecret);
      expect(verifyTotp(secret, '000000', time)).to.equal(false);
    } else {
      expect(totpPasscode(secret, time)).to.equal(expected);
      expect(verifyTotp(secret, expected, time)).to.equal(true);
    }
  });
});
