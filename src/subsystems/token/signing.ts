/** The key and the certificates that tokens and revocation lists are signed with. Source: `[signing]`. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import {
  type Certificate,
  CertificateError,
  checkChain,
  readCertificates,
  type Signer,
  type Trust,
} from '../../common/crypto/cms/index.js';
import type { Conf } from '../../conf/index.js';

type Option = 'keyfile' | 'certfile' | 'ca_certs';
type SigningConf = Pick<Conf['signing'], Option>;

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;
/** A key or a bundle of certificates is a few kilobytes. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The files of `[signing]` cannot be used; the message names option, file and what to do. */
export class SigningError extends Error {
  override readonly name = 'SigningError';
}

export interface Signing {
  readonly signer: Signer;
  /** What clients check signatures against. */
  readonly trust: Trust;
}

/**
 * Read key and certificates, and check that they belong together: what they sign now must be good for clients.
 * @param placeOf where an option stands, as `file:line`, for messages
 * @throws SigningError
 */
export async function readSigning(
  signing: SigningConf,
  placeOf: (section: string, option: string) => string = () => '',
): Promise<Signing> {
  const fail = (option: Option, problem: string, cause?: unknown): never => {
    const place = placeOf('signing', option);
    throw new SigningError(
      `${place === '' ? '' : `${place}: `}[signing] ${option} = ${signing[option]}: ${problem}`,
      {
        cause,
      },
    );
  };
  const read = async (option: Option): Promise<string> => {
    try {
      const { size, mode } = await stat(signing[option]);
      if (option === 'keyfile' && (mode & OTHERS) !== 0) {
        const shown = (mode & 0o777).toString(8).padStart(4, '0');
        return fail(option, `it is open to others than its owner (mode ${shown}); set its mode to 0600`);
      }
      if (size > MAX_FILE_BYTES) return fail(option, 'it is too large');
      return await readFile(signing[option], 'utf8');
    } catch (error) {
      if (error instanceof SigningError) throw error;
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      const hint = code === 'ENOENT' ? '; keystone-manage pki_setup makes key and certificates' : '';
      return fail(option, `it cannot be read (${code})${hint}`, error);
    }
  };
  const certificatesOf = async (option: 'certfile' | 'ca_certs'): Promise<Certificate[]> => {
    const pem = await read(option);
    try {
      return readCertificates(pem);
    } catch (error) {
      if (error instanceof CertificateError) return fail(option, error.message, error);
      throw error;
    }
  };

  const pem = await read('keyfile');
  const key = privateKey(pem, (problem) => fail('keyfile', problem));
  const certificates = await certificatesOf('certfile');
  const authorities = await certificatesOf('ca_certs');
  const certificate = certificates.find(({ x509 }) => x509.checkPrivateKey(key));
  if (certificate === undefined) {
    return fail(
      'certfile',
      `no certificate in it belongs to the key of [signing] keyfile = ${signing.keyfile}`,
    );
  }
  try {
    checkChain(certificate, certificates, authorities, Date.now());
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    fail('certfile', `${error.message} (authorities: [signing] ca_certs = ${signing.ca_certs})`, error);
  }
  return { signer: { certificate, key }, trust: { certificates, authorities } };
}

function privateKey(pem: string, fail: (problem: string) => never): KeyObject {
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: .*ENCRYPTED/m.test(pem)) {
    return fail('the key is protected by a password, which nobody could enter; store it without one');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The reason could quote what was read.
    return fail('it holds no private key (PEM)');
  }
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') {
    return fail(`keys of type ${key.asymmetricKeyType} cannot sign tokens; RSA and elliptic curves can`);
  }
  return key;
}
