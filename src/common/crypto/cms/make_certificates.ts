/** A certificate authority and a certificate of it, for those who have no authority of their own. Source: RFC 5280. */
import { createPublicKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

const DAY = 86_400_000;

/** Kinds of texts. Source: ITU-T X.680. */
const [UTF8_STRING, PRINTABLE_STRING, IA5_STRING] = [12, 19, 22] as const;

export interface CertificateRequest {
  /** As `openssl -subj` takes it: `/C=US/O=Example/CN=www.example.com`. */
  readonly subject: string;
  readonly validDays: number;
  /** Bits of both RSA keys. */
  readonly keySize: number;
}

/** PEM texts. */
export interface MadeCertificates {
  readonly caKey: string;
  readonly caCertificate: string;
  readonly key: string;
  readonly certificate: string;
}

/** The subject is not one; the message says why. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError';
}

type Fields = forge.pki.CertificateField[];

/** Names of a subject's parts, as OpenSSL knows them, with their object identifiers. */
const PARTS: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  emailAddress: '1.2.840.113549.1.9.1',
};

const generate = promisify(generateKeyPair);

/**
 * Make both pairs of keys and both certificates. The subject is that of both.
 * @throws SubjectError
 */
export async function makeCertificates(request: CertificateRequest): Promise<MadeCertificates> {
  const subject = subjectFields(request.subject);
  const newKey = async (): Promise<KeyObject> =>
    (await generate('rsa', { modulusLength: request.keySize })).privateKey;
  const [caKey, key] = [await newKey(), await newKey()];
  const base = { subject, validDays: request.validDays, issuer: { key: caKey, fields: subject } };
  const ca = certify({
    ...base,
    key: caKey,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
  const certificate = certify({
    ...base,
    key,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, nonRepudiation: true, keyEncipherment: true },
      { name: 'subjectKeyIdentifier' },
      {
        name: 'authorityKeyIdentifier',
        keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes(),
      },
    ],
  });
  return {
    caKey: keyPem(caKey),
    caCertificate: certificatePem(ca),
    key: keyPem(key),
    certificate: certificatePem(certificate),
  };
}

interface Wanted {
  readonly subject: Fields;
  readonly key: KeyObject;
  readonly issuer: { readonly key: KeyObject; readonly fields: Fields };
  readonly validDays: number;
  readonly extensions: readonly object[];
}

function certify({ subject, key, issuer, validDays, extensions }: Wanted): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem);
  // Positive, and unlike any other of the same issuer.
  certificate.serialNumber = `4${randomBytes(16).toString('hex').slice(1)}`;
  const now = Date.now();
  certificate.validity.notBefore = new Date(now);
  certificate.validity.notAfter = new Date(now + validDays * DAY);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer.fields);
  certificate.setExtensions([...extensions]);
  // The library signs with any object that can: Node's own signature is many times faster.
  const signer = {
    sign: (): string => {
      const signed = forge.asn1.toDer(certificate.tbsCertificate).getBytes();
      return sign('sha256', Buffer.from(signed, 'latin1'), issuer.key).toString('latin1');
    },
  };
  certificate.sign(signer as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return certificate;
}

/** @throws SubjectError */
function subjectFields(text: string): Fields {
  const parts = [...text.matchAll(/\/([^=/]+)=((?:\\.|[^/\\])*)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new SubjectError('it is not of the form /C=US/O=Example/CN=www.example.com');
  }
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the library's types name another enum for the tag
  return parts.map(([, name = '', escaped = '']) => {
    const type = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (type === undefined) {
      throw new SubjectError(`${name} is no part of a subject; known are: ${Object.keys(PARTS).join(', ')}`);
    }
    const value = escaped.replace(/\\(.)/g, '$1');
    if (value === '') throw new SubjectError(`${name} is empty`);
    if (name === 'C' && !/^[A-Za-z]{2}$/.test(value)) throw new SubjectError('C is not of two letters');
    return { type, value, valueTagClass: textKind(name) };
  });
}

function textKind(name: string): number {
  if (name === 'C') return PRINTABLE_STRING;
  return name === 'emailAddress' ? IA5_STRING : UTF8_STRING;
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function certificatePem(certificate: forge.pki.Certificate): string {
  return forge.pki.certificateToPem(certificate).replaceAll('\r', '');
}
