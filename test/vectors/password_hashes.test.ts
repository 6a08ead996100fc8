import { expect } from 'chai';
import { sha256Hex } from '../../src/common/crypto/digests.js';
import type { PasswordAlgorithm, PasswordHashing } from '../../src/common/crypto/password/index.js';
import { createPasswordHashing } from '../../src/common/crypto/password/index.js';
import { passwordBytes } from '../../src/common/crypto/password/length.js';
import { sha512CryptHash } from '../../src/common/crypto/password/sha512_crypt.js';
import { PasswordVerificationError, ValidationError } from '../../src/common/errors.js';
import type { VectorCase } from './support.js';
import { eachCase, vectorCases } from './support.js';

interface Failure {
  readonly error: string;
}

interface Limits {
  readonly max_password_length: number;
  readonly strict_password_check: boolean;
}

interface CheckCase extends VectorCase, Limits {
  readonly kind: 'check';
  readonly password: string | null;
  readonly hash: string | null;
  readonly expected: boolean | Failure;
  /** Present where the case is of a release that has more than sha512_crypt. */
  readonly configured_algorithm?: PasswordAlgorithm;
}

interface TruncateCase extends VectorCase, Limits {
  readonly kind: 'truncate';
  readonly password: unknown;
  readonly expected: unknown;
  readonly zed?: { readonly utf8_hex: string } | Failure;
}

interface HashCase extends VectorCase {
  readonly kind: 'hash';
  readonly algorithm: PasswordAlgorithm;
  readonly password: string;
  readonly rounds: number;
  readonly salt: string;
  readonly expected: string;
}

interface AccessKeyCase extends VectorCase {
  readonly kind: 'hash_access_key';
  readonly access: string;
  readonly expected: string;
}

const NAME = 'password_hashes.json';

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'error' in value;
}

/** One pool of threads for all cases with the same options: starting one takes longer than most cases. */
const hashings = new Map<string, PasswordHashing>();

function hashingFor(vector: CheckCase): PasswordHashing {
  const options = {
    algorithm: vector.configured_algorithm ?? 'sha512_crypt',
    rounds: vector.configured_algorithm === undefined ? 1000 : 4,
    maxLength: vector.max_password_length,
    strict: vector.strict_password_check,
    threads: 1,
  };
  const key = JSON.stringify(options);
  const hashing = hashings.get(key) ?? createPasswordHashing(options);
  hashings.set(key, hashing);
  return hashing;
}

async function checkPassword(vector: CheckCase): Promise<void> {
  const outcome = await hashingFor(vector)
    .verify(vector.password, vector.hash)
    .catch((error: unknown) => error);
  if (!isFailure(vector.expected)) expect(outcome).to.equal(vector.expected);
  else if (vector.expected.error === 'PasswordVerificationError') {
    expect(outcome).to.be.instanceOf(PasswordVerificationError);
  } else {
    // Where the original fails over the stored hash or the password, no password matches.
    expect(outcome).to.equal(false);
  }
}

function checkTruncation(vector: TruncateCase): void {
  const limit = { maxLength: vector.max_password_length, strict: vector.strict_password_check };
  const attempt = (algorithm: PasswordAlgorithm): string | Error => {
    try {
      return passwordBytes(vector.password, { algorithm, ...limit }).toString('hex');
    } catch (error) {
      return error as Error;
    }
  };
  const compare = (outcome: string | Error, expected: unknown): void => {
    if (typeof vector.password !== 'string') {
      // Newton shortens lists as well; a list is no password, and Zed says so.
      expect(outcome).to.be.instanceOf(ValidationError);
    } else if (isFailure(expected)) expect(outcome).to.be.instanceOf(PasswordVerificationError);
    else expect(outcome).to.equal(expected);
  };
  const { expected, zed } = vector;
  const newton = typeof expected === 'string' ? Buffer.from(expected).toString('hex') : expected;
  compare(attempt('sha512_crypt'), newton);
  compare(attempt('pbkdf2_sha512'), zed === undefined ? newton : 'utf8_hex' in zed ? zed.utf8_hex : zed);
}

async function checkHash({ algorithm, password, salt, rounds, expected }: HashCase): Promise<void> {
  if (algorithm === 'sha512_crypt') {
    expect(sha512CryptHash(Buffer.from(password), salt, rounds)).to.equal(expected);
    return;
  }
  // New hashes of the others take no salt from outside: what they would be is seen from what they verify.
  const hashing = createPasswordHashing({ algorithm, threads: 1 });
  try {
    expect(await hashing.verify(password, expected)).to.equal(true);
  } finally {
    await hashing.close();
  }
}

describe('vectors: password hashes', () => {
  after(() => Promise.all([...hashings.values()].map((hashing) => hashing.close())));

  eachCase(NAME, vectorCases<CheckCase | TruncateCase | HashCase | AccessKeyCase>(NAME), async (vector) => {
    switch (vector.kind) {
      case 'check':
        return checkPassword(vector);
      case 'truncate':
        return checkTruncation(vector);
      case 'hash':
        return checkHash(vector);
      case 'hash_access_key':
        expect(sha256Hex(vector.access)).to.equal(vector.expected);
        break;
    }
  });
});
