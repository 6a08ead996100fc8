import { foundIf, type Symptom } from './symptom.js';

export const openSignatureApis: Symptom = {
  name: 'ec2_s3_tokens_without_authentication',
  what: 'Everybody who knows a signature gets a token for it.',
  why: 'CVE-2025-65073: a presigned URL is enough to act as its owner.',
  advice:
    'Set [keystone_koa] ec2_s3_tokens_require_authentication = true, and give the services that ask a user.',
  look: ({ conf: { keystone_koa: own } }) =>
    foundIf(!own.ec2_s3_tokens_require_authentication, 'ec2_s3_tokens_require_authentication is false'),
};
