/** EC2 and S3 requests as clients sign them, described as those who receive them do. */
import { createHmac } from 'node:crypto';
import { ec2Signature } from '../../src/subsystems/credential/signatures/ec2.js';

export interface KeyPair {
  readonly access: string;
  readonly secret: string;
}

/** A request with a version 2 signature. @param params instead of a time of now */
export function ec2Request({ access, secret }: KeyPair, params: object = { Timestamp: now() }): object {
  const request = {
    access,
    host: 'ec2.example',
    verb: 'GET',
    path: '/',
    params: { SignatureVersion: '2', SignatureMethod: 'HmacSHA256', Action: 'DescribeInstances', ...params },
    headers: {},
    body_hash: '',
  };
  return { ...request, signature: ec2Signature(secret, request) };
}

/** A request with a version 4 signature. @param signedAt milliseconds since the epoch */
export function ec2RequestV4({ access, secret }: KeyPair, signedAt = Date.now()): object {
  const date = now(signedAt).replace(/[-:]/g, '');
  const request = {
    access,
    host: 'ec2.example',
    verb: 'POST',
    path: '/',
    params: {},
    headers: {
      Host: 'ec2.example',
      'X-Amz-Date': date,
      Authorization:
        `AWS4-HMAC-SHA256 Credential=${access}/${date.slice(0, 8)}/region/ec2/aws4_request,` +
        'SignedHeaders=host;x-amz-date,Signature=unknown',
    },
    body_hash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  };
  return { ...request, signature: ec2Signature(secret, request) };
}

/** A request to S3 with a version 1 signature. */
export function s3Request({ access, secret }: KeyPair): object {
  const stringToSign = `GET\n\n\n${new Date().toUTCString()}\n/bucket/object`;
  return {
    access,
    token: Buffer.from(stringToSign).toString('base64'),
    signature: createHmac('sha1', secret).update(stringToSign).digest('base64'),
  };
}

/** ISO 8601 in whole seconds. */
export function now(instant = Date.now()): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
