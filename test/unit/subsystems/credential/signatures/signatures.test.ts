import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { checkEc2Signature, ec2Signature } from '../../../../../src/subsystems/credential/signatures/ec2.js';
import { SignatureFormatError } from '../../../../../src/subsystems/credential/signatures/errors.js';
import { checkS3Signature } from '../../../../../src/subsystems/credential/signatures/s3.js';

const SECRET = 'e2f0a3b4c5d64f3a8a7b6c5d4e3f2a1b';
const REQUEST = {
  access: 'b6d1c2',
  params: { SignatureVersion: '2', Action: 'DescribeInstances', Timestamp: '2017-01-09T22:13:20Z' },
  verb: 'GET',
  host: 'id.example.com:8773',
  path: '/services/Cloud',
};

describe('EC2 signatures', () => {
  it('cover method, host, path and every parameter', () => {
    const signature = ec2Signature(SECRET, REQUEST);
    expect(checkEc2Signature(SECRET, { ...REQUEST, signature })).to.equal(true);
    const changes = [
      { verb: 'POST' },
      { host: 'other.example.com:8773' },
      { path: '/' },
      { params: { ...REQUEST.params, Action: 'TerminateInstances' } },
      { params: { ...REQUEST.params, Extra: '' } },
    ];
    for (const change of changes) {
      expect(
        checkEc2Signature(SECRET, { ...REQUEST, ...change, signature }),
        JSON.stringify(change),
      ).to.equal(false);
    }
    expect(checkEc2Signature('other', { ...REQUEST, signature })).to.equal(false);
  });

  it('may be made over the host without its port, not over another host', () => {
    const signature = ec2Signature(SECRET, { ...REQUEST, host: 'id.example.com' });
    expect(checkEc2Signature(SECRET, { ...REQUEST, signature })).to.equal(true);
    expect(checkEc2Signature(SECRET, { ...REQUEST, host: 'id.example.com:8773:1', signature })).to.equal(
      false,
    );
  });

  it('are sorted by code point, as the clients sort', () => {
    const keys = ['\u{1f511}', '\uffee', 'z', 'A'];
    const params = Object.fromEntries([['SignatureVersion', '1'], ...keys.map((key) => [key, ''])]);
    const sorted = ['a', 's', 'z', '\uffee', '\u{1f511}'].map(
      (key) => ({ a: 'A', s: 'SignatureVersion1' })[key] ?? key,
    );
    const expected = createHmac('sha1', SECRET).update(sorted.join('')).digest('base64');
    expect(ec2Signature(SECRET, { params })).to.equal(expected);
  });

  it('are made over parameters as Python writes them', () => {
    const over = (value: unknown): string =>
      ec2Signature(SECRET, { ...REQUEST, params: { ...REQUEST.params, value } });
    const written = [
      [true, 'True'],
      [null, 'None'],
      [1e-7, '1e-07'],
      [1e21, '1000000000000000000000'],
    ] as const;
    for (const [value, text] of written) expect(over(value), text).to.equal(over(text));
  });

  it('are wrong, and nothing worse, for requests of any shape', () => {
    const values = [
      undefined,
      null,
      0,
      '',
      'x',
      true,
      [],
      {},
      { Authorization: 5 },
      { Authorization: 'AWS4-HMAC-SHA256' },
    ];
    const names = ['params', 'verb', 'host', 'path', 'headers', 'body_hash'];
    for (const version of ['0', '1', '2', undefined]) {
      for (const name of names) {
        for (const value of values) {
          const base = {
            ...REQUEST,
            params: { ...REQUEST.params, SignatureVersion: version },
            headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host' },
            body_hash: 'x',
            signature: 'x',
          };
          expect(checkEc2Signature(SECRET, { ...base, [name]: value })).to.equal(false);
        }
      }
    }
    for (const signature of [undefined, null, 0, '', true, []]) {
      expect(checkEc2Signature(SECRET, { ...REQUEST, signature })).to.equal(false);
    }
    expect(() => ec2Signature(SECRET, { params: { SignatureVersion: '3' } })).to.throw(SignatureFormatError);
    expect(() => ec2Signature(SECRET, { ...REQUEST, params: { SignatureVersion: '2', x: {} } })).to.throw(
      SignatureFormatError,
    );
    expect(() =>
      ec2Signature(SECRET, { ...REQUEST, params: { SignatureVersion: '2', x: '\ud800' } }),
    ).to.throw(SignatureFormatError);
  });
});

describe('S3 signatures', () => {
  const token = Buffer.from('GET\n\n\nMon, 09 Jan 2017 22:13:20 +0000\n/bücket/key').toString('base64url');
  const signature = createHmac('sha1', SECRET).update(Buffer.from(token, 'base64url')).digest('base64');

  it('are checked over the decoded string', () => {
    const padded = token.padEnd(Math.ceil(token.length / 4) * 4, '=');
    expect(checkS3Signature(SECRET, padded, signature)).to.equal(true);
    expect(checkS3Signature(SECRET, padded, `${signature} `)).to.equal(false);
    expect(checkS3Signature('other', padded, signature)).to.equal(false);
  });

  it('do not count over a string that is no base64', () => {
    const padded = token.padEnd(Math.ceil(token.length / 4) * 4, '=');
    expect(checkS3Signature(SECRET, 'A', signature)).to.equal(false);
    expect(checkS3Signature(SECRET, `${padded}!!`, signature)).to.equal(true);
    expect(checkS3Signature(SECRET, `${padded}\u00e9`, signature)).to.equal(false);
  });

  it('of version 4 count for the service s3 only', () => {
    const stringToSign = (service: string): string =>
      Buffer.from(`AWS4-HMAC-SHA256\n20170109T221320Z\n20170109/r/${service}/aws4_request\nhash`).toString(
        'base64',
      );
    const keyOf = (service: string): Buffer =>
      ['20170109', 'r', service, 'aws4_request'].reduce<Buffer>(
        (key, part) => createHmac('sha256', key).update(part).digest(),
        Buffer.from(`AWS4${SECRET}`),
      );
    const sign = (service: string): string =>
      createHmac('sha256', keyOf(service))
        .update(Buffer.from(stringToSign(service), 'base64'))
        .digest('hex');
    expect(checkS3Signature(SECRET, stringToSign('s3'), sign('s3'))).to.equal(true);
    expect(checkS3Signature(SECRET, stringToSign('iam'), sign('iam'))).to.equal(false);
  });
});
