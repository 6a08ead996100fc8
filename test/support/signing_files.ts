/** Keys and certificates for signed tokens, made for a test, in a folder of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MadeCertificates, makeCertificates } from '../../src/common/crypto/cms/make_certificates.js';

export interface SigningFiles {
  readonly folder: string;
  readonly made: MadeCertificates;
  readonly certfile: string;
  readonly keyfile: string;
  readonly caCerts: string;
  /** Lines of the section [signing]. */
  readonly conf: readonly string[];
  remove(): Promise<void>;
}

export const SUBJECT = '/C=DE/O=Tests/CN=signing.example.com';

/** Keys as small as clients take them: they are made for one test. */
export function newCertificates(subject = SUBJECT): Promise<MadeCertificates> {
  return makeCertificates({ subject, validDays: 2, keySize: 2048 });
}

export async function createSigningFiles(): Promise<SigningFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'signing-'));
  const made = await newCertificates();
  const [certfile, keyfile, caCerts] = [
    join(folder, 'signing_cert.pem'),
    join(folder, 'signing_key.pem'),
    join(folder, 'ca.pem'),
  ];
  await writeFile(certfile, made.certificate);
  await writeFile(keyfile, made.key, { mode: 0o600 });
  await writeFile(caCerts, made.caCertificate);
  return {
    folder,
    made,
    certfile,
    keyfile,
    caCerts,
    conf: [`certfile = ${certfile}`, `keyfile = ${keyfile}`, `ca_certs = ${caCerts}`],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
