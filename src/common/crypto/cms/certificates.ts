/** Certificates of signers and of the authorities above them. Source: RFC 5280. */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { DerError, DerReader, oid, TAG } from './der.js';
import { pemBodies, wrapPem } from './pem.js';

/** More than any chain of a signing certificate has. */
const LONGEST_CHAIN = 8;

const KEY_USAGE = oid('2.5.29.15');
const EXTENDED_KEY_USAGE = oid('2.5.29.37');
const EMAIL_PROTECTION = oid('1.3.6.1.5.5.7.3.4');
/** Bits of the first byte of a key's usage. */
const DIGITAL_SIGNATURE = 0x80;
const NON_REPUDIATION = 0x40;
const CERT_SIGN = 0x04;

export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

export interface Certificate {
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
  /** Issuer and serial number as they stand in the certificate, each a whole DER element. */
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly validFrom: number;
  readonly validTo: number;
  /** May sign messages, as OpenSSL decides it for S/MIME. */
  readonly mayAuthenticate: boolean;
  readonly mayIssue: boolean;
}

/**
 * All certificates of a PEM text, in order.
 * @throws CertificateError when there is none, or when one cannot be read
 */
export function readCertificates(pem: string): Certificate[] {
  const bodies = [...pemBodies('CERTIFICATE', pem), ...pemBodies('X509 CERTIFICATE', pem)];
  if (bodies.length === 0) throw new CertificateError('it holds no certificate (PEM)');
  return bodies.map((body) => {
    try {
      return describe(new X509Certificate(wrapPem('CERTIFICATE', body.replace(/\s+/g, ''))));
    } catch (error) {
      throw new CertificateError('it holds a certificate that cannot be read', { cause: error });
    }
  });
}

function describe(x509: X509Certificate): Certificate {
  const certificate = new DerReader(x509.raw).enter(TAG.sequence);
  const signed = certificate.enter(TAG.sequence);
  if (signed.peek() === TAG.context0) signed.next();
  const serial = signed.next(TAG.integer).whole;
  signed.next(TAG.sequence);
  const issuer = signed.next(TAG.sequence).whole;
  // Validity, subject and key are Node's to read.
  while (!signed.atEnd && signed.peek() !== TAG.context3) signed.next();
  const extensions = signed.atEnd ? [] : readExtensions(signed.enter(TAG.context3).enter(TAG.sequence));
  const usage = extensions.find(({ id }) => id.equals(KEY_USAGE))?.value;
  const purposes = extensions.find(({ id }) => id.equals(EXTENDED_KEY_USAGE))?.value;
  const bits = usage === undefined ? 0xff : keyUsage(usage);
  return {
    x509,
    publicKey: x509.publicKey,
    issuer,
    serial,
    validFrom: Date.parse(x509.validFrom),
    validTo: Date.parse(x509.validTo),
    mayAuthenticate: (bits & (DIGITAL_SIGNATURE | NON_REPUDIATION)) !== 0 && isForMessages(purposes),
    mayIssue: x509.ca && (bits & CERT_SIGN) !== 0,
  };
}

function readExtensions(list: DerReader): { id: Buffer; value: Buffer }[] {
  const found: { id: Buffer; value: Buffer }[] = [];
  while (!list.atEnd) {
    const extension = list.enter(TAG.sequence);
    const id = extension.next(TAG.oid).whole;
    if (extension.peek() === TAG.boolean) extension.next();
    found.push({ id, value: extension.next(TAG.octetString).content });
  }
  return found;
}

function keyUsage(value: Buffer): number {
  const [unused, bits] = new DerReader(value).next(TAG.bitString).content;
  if (unused === undefined) throw new DerError('the usage of a key is empty');
  return bits ?? 0;
}

function isForMessages(value: Buffer | undefined): boolean {
  if (value === undefined) return true;
  const purposes = new DerReader(value).enter(TAG.sequence);
  while (!purposes.atEnd) {
    // "Any purpose" is not enough: OpenSSL wants this one by its name.
    if (purposes.next(TAG.oid).whole.equals(EMAIL_PROTECTION)) return true;
  }
  return false;
}

/**
 * Whether a certificate may sign messages now: each certificate up to a self-signed one among the authorities is
 * valid at the time and signed by the next.
 * @param others certificates that may stand in between, without being trusted
 * @param now milliseconds since the epoch
 * @throws CertificateError saying what is wrong
 */
export function checkChain(
  signer: Certificate,
  others: readonly Certificate[],
  authorities: readonly Certificate[],
  now: number,
): void {
  if (!signer.mayAuthenticate) throw new CertificateError('its certificate is not made for signatures');
  let current = signer;
  for (let length = 0; length < LONGEST_CHAIN; length += 1) {
    if (now < current.validFrom) throw new CertificateError(`${nameOf(current)} is not valid yet`);
    if (now > current.validTo) throw new CertificateError(`${nameOf(current)} has expired`);
    if (isIssuedBy(current, current)) {
      if (authorities.some(({ x509 }) => x509.raw.equals(current.x509.raw))) return;
      throw new CertificateError(`${nameOf(current)} is signed by itself, and not among the authorities`);
    }
    const subject = current;
    const issuers = [...authorities, ...others].filter(
      (candidate) => candidate.mayIssue && isIssuedBy(subject, candidate),
    );
    // An authority whose certificate was renewed is there twice for a while.
    const issuer = issuers.find(({ validFrom, validTo }) => now >= validFrom && now <= validTo) ?? issuers[0];
    if (issuer === undefined) throw new CertificateError(`the issuer of ${nameOf(current)} is not known`);
    current = issuer;
  }
  throw new CertificateError('the chain of its certificates is too long');
}

function isIssuedBy(subject: Certificate, issuer: Certificate): boolean {
  return subject.x509.checkIssued(issuer.x509) && subject.x509.verify(issuer.publicKey);
}

function nameOf({ x509 }: Certificate): string {
  return `the certificate of "${x509.subject.split('\n').reverse().join(', ')}"`;
}
