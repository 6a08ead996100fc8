/** Certificates for test servers: a CA of its own, and what it signs. */
import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Names that the certificate is for. Default: localhost and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Days from now; negative ones are over. Default: one day ago, in one day. */
  readonly from?: number;
  readonly to?: number;
}

const DAY = 86_400_000;

export class TestCa implements Certificate {
  readonly certificate: string;
  readonly key: string;
  private readonly subject: forge.pki.CertificateField[];
  private serial = 1;

  constructor(name: string) {
    this.subject = [{ name: 'commonName', value: name }];
    const made = this.make(this.subject, null, {}, [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ]);
    this.certificate = made.certificate;
    this.key = made.key;
  }

  /** A certificate of a server. */
  sign(name: string, options: CertificateOptions = {}): Certificate {
    const names = options.names ?? ['localhost', '127.0.0.1'];
    const altNames = names.map((one) =>
      /^[\d.]+$/.test(one) ? { type: 7, ip: one } : { type: 2, value: one },
    );
    return this.make([{ name: 'commonName', value: name }], this.key, options, [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ]);
  }

  private make(
    subject: forge.pki.CertificateField[],
    signer: string | null,
    { from = -1, to = 1 }: CertificateOptions,
    extensions: object[],
  ): Certificate {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
    certificate.serialNumber = String(this.serial).padStart(4, '0');
    this.serial += 1;
    certificate.validity.notBefore = new Date(Date.now() + from * DAY);
    certificate.validity.notAfter = new Date(Date.now() + to * DAY);
    certificate.setSubject(subject);
    certificate.setIssuer(this.subject);
    certificate.setExtensions(extensions);
    certificate.sign(forge.pki.privateKeyFromPem(signer ?? pair.privateKey), forge.md.sha256.create());
    return { certificate: forge.pki.certificateToPem(certificate), key: pair.privateKey };
  }
}
