/** What is in the blobs of EC2 credentials. */
import { createHash } from 'node:crypto';
import { ValidationError } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { Credential, Delegation, Ec2Credential } from './types.js';

/** Keys of a blob that limit what its owner can do with the credential. The last is of later releases. */
const LIMITS = ['trust_id', 'access_token_id', 'app_cred_id'] as const;

export interface Ec2Blob {
  readonly access: string;
  readonly [key: string]: unknown;
}

export function isEc2(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'ec2';
}

/** Id of the credential of an access key. */
export function ec2CredentialId(access: string): string {
  return createHash('sha256').update(access, 'utf8').digest('hex');
}

/** @throws ValidationError when the text is not a JSON object with an access key */
export function parseEc2Blob(text: unknown): Ec2Blob {
  const blob = typeof text === 'string' ? jsonObject(text) : null;
  if (blob === null) throw new ValidationError('Invalid blob in credential');
  const { access } = blob;
  if (typeof access !== 'string' || access === '') {
    throw new ValidationError({ attribute: 'access', target: 'blob' });
  }
  return { ...blob, access };
}

/**
 * The blob as it is to be stored when the caller acts by delegation: tokens that come of it are limited to that
 * delegation, whatever the caller wrote (CVE-2020-12689).
 */
export function withDelegation(blob: Ec2Blob, { trustId, accessTokenId }: Delegation): Ec2Blob {
  if (trustId === null && accessTokenId === null) return blob;
  const limits = new Set<string>(LIMITS);
  return {
    ...Object.fromEntries(Object.entries(blob).filter(([key]) => !limits.has(key))),
    access: blob.access,
    ...(trustId !== null && { trust_id: trustId }),
    ...(accessTokenId !== null && { access_token_id: accessTokenId }),
  };
}

/**
 * An update must leave alone what limits an EC2 credential, also by way of another type in between.
 * @throws ValidationError
 */
export function assertSameLimits(current: Credential, updated: Credential): void {
  const before = jsonObject(current.blob) ?? {};
  const after = jsonObject(updated.blob) ?? {};
  const limited = LIMITS.some((key) => (before[key] ?? null) !== null);
  if (!limited && !isEc2(current.type) && !isEc2(updated.type)) return;
  for (const key of LIMITS) {
    if ((before[key] ?? null) !== (after[key] ?? null)) {
      throw new ValidationError(`${key} can not be updated for credential`);
    }
  }
}

/** An EC2 credential in the form of OS-EC2, with what limits it; null for a blob that is none. */
export function ec2Parts(
  credential: Credential,
): { readonly ec2: Ec2Credential; readonly limits: Record<(typeof LIMITS)[number], string | null> } | null {
  const blob = jsonObject(credential.blob);
  const access = blob?.['access'];
  const secret = blob?.['secret'];
  if (blob === null || typeof access !== 'string' || typeof secret !== 'string') return null;
  const limit = (key: (typeof LIMITS)[number]): string | null =>
    (blob[key] ?? null) === null ? null : String(blob[key]);
  const limits = {
    trust_id: limit('trust_id'),
    access_token_id: limit('access_token_id'),
    app_cred_id: limit('app_cred_id'),
  };
  const { user_id: userId, project_id: projectId } = credential;
  return {
    ec2: { user_id: userId, tenant_id: projectId, access, secret, trust_id: limits.trust_id },
    limits,
  };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isRecord(value) ? value : null;
}
