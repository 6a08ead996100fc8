import { expect } from 'chai';
import { checkEc2Signature, ec2Signature } from '../../src/subsystems/credential/signatures/ec2.js';
import { SignatureFormatError } from '../../src/subsystems/credential/signatures/errors.js';
import { checkS3Signature } from '../../src/subsystems/credential/signatures/s3.js';
import type { VectorCase } from './support.js';
import { eachCase, vectorCases } from './support.js';

interface Ec2Case extends VectorCase {
  readonly secret: string;
  readonly credentials: Readonly<Record<string, unknown>>;
}

interface SignatureCase extends Ec2Case {
  readonly kind: 'signature';
  readonly expected?: string;
}

interface CheckCase extends Ec2Case {
  readonly kind: 'check';
  /** Absent where the original fails: the signature must not count. */
  readonly expected?: boolean;
}

interface S3Case extends VectorCase {
  readonly kind: 's3';
  readonly secret: string;
  readonly token: string;
  readonly signature: string;
  readonly expected?: boolean;
}

const NAME = 'ec2_s3_signatures.json';

describe('vectors: EC2 and S3 signatures', () => {
  eachCase(NAME, vectorCases<SignatureCase | CheckCase | S3Case>(NAME), (vector) => {
    const { secret } = vector;
    switch (vector.kind) {
      case 'signature': {
        const before = JSON.stringify(vector.credentials);
        if (vector.expected === undefined) {
          expect(() => ec2Signature(secret, vector.credentials)).to.throw(SignatureFormatError);
        } else {
          expect(ec2Signature(secret, vector.credentials)).to.equal(vector.expected);
        }
        expect(JSON.stringify(vector.credentials)).to.equal(before);
        break;
      }
      case 'check':
        expect(checkEc2Signature(secret, vector.credentials)).to.equal(vector.expected ?? false);
        break;
      case 's3':
        expect(checkS3Signature(secret, vector.token, vector.signature)).to.equal(vector.expected ?? false);
        break;
    }
  });
});
