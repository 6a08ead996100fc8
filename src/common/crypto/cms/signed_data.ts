/**
 * Messages signed as Keystone's tokens are: the content inside, one signer, no certificates and no attributes. What is
 * written is what `openssl cms -sign -nosmimecap -nodetach -nocerts -noattr` writes, to the byte, and nothing else is
 * read. Source: RFC 5652 (Cryptographic Message Syntax), section 5.
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { type Certificate, CertificateError, checkChain } from './certificates.js';
import { DerError, DerReader, der, oid, TAG } from './der.js';

export type DigestName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** A message that is not what it should be; the text says why and holds nothing of the message. */
export class CmsError extends Error {
  override readonly name = 'CmsError';
}

export interface Signer {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** Whose signatures are good. */
export interface Trust {
  /** Certificates of signers, and of what may stand between them and an authority. */
  readonly certificates: readonly Certificate[];
  readonly authorities: readonly Certificate[];
}

/** Larger than any message that fits into a header. */
export const MAX_MESSAGE_BYTES = 128 * 1024;

const DATA = oid('1.2.840.113549.1.7.1');
const SIGNED_DATA = oid('1.2.840.113549.1.7.2');
const RSA = oid('1.2.840.113549.1.1.1');
const NULL = der(TAG.null);
const VERSION_1 = der(TAG.integer, Buffer.from([1]));

interface Digest {
  readonly oid: Buffer;
  /** The whole algorithm; the parameters that MD5 always had were left out for the later ones. */
  readonly algorithm: Buffer;
  /** The signature algorithms that go with it, as whole elements: of RSA and of elliptic curves. */
  readonly rsa: Buffer;
  readonly ec: Buffer | null;
}

const DIGESTS: Readonly<Record<DigestName, Digest>> = {
  md5: digest('1.2.840.113549.2.5', '1.2.840.113549.1.1.4', null, NULL),
  sha1: digest('1.3.14.3.2.26', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1'),
  sha224: digest('2.16.840.1.101.3.4.2.4', '1.2.840.113549.1.1.14', '1.2.840.10045.4.3.1'),
  sha256: digest('2.16.840.1.101.3.4.2.1', '1.2.840.113549.1.1.11', '1.2.840.10045.4.3.2'),
  sha384: digest('2.16.840.1.101.3.4.2.2', '1.2.840.113549.1.1.12', '1.2.840.10045.4.3.3'),
  sha512: digest('2.16.840.1.101.3.4.2.3', '1.2.840.113549.1.1.13', '1.2.840.10045.4.3.4'),
};

function digest(id: string, rsa: string, ec: string | null, ...parameters: readonly Buffer[]): Digest {
  const algorithm = der(TAG.sequence, oid(id), ...parameters);
  return { oid: oid(id), algorithm, rsa: oid(rsa), ec: ec === null ? null : oid(ec) };
}

const signAsync = promisify(sign);

/** Line ends as messages have them, which is how OpenSSL signs a text. */
function canonical(text: string): Buffer {
  const lines = /[\r\n]/.test(text) ? text.replace(/\r*\n/g, '\r\n').replace(/\r+$/, '') : text;
  return Buffer.from(lines, 'utf8');
}

/**
 * Sign a text.
 * @returns the message in DER
 * @throws CmsError when the kind of key does not go with the digest
 */
export async function signMessage(
  text: string,
  { certificate, key }: Signer,
  digestName: DigestName = 'sha256',
): Promise<Buffer> {
  const content = canonical(text);
  const digestOfName = DIGESTS[digestName];
  const { algorithm: digestAlgorithm } = digestOfName;
  const kind = signatureAlgorithm(key, digestOfName);
  const signature = await signAsync(digestName, content, key);
  return der(
    TAG.sequence,
    SIGNED_DATA,
    der(
      TAG.context0,
      der(
        TAG.sequence,
        VERSION_1,
        der(TAG.set, digestAlgorithm),
        der(TAG.sequence, DATA, der(TAG.context0, der(TAG.octetString, content))),
        der(
          TAG.set,
          der(
            TAG.sequence,
            VERSION_1,
            der(TAG.sequence, certificate.issuer, certificate.serial),
            digestAlgorithm,
            kind,
            der(TAG.octetString, signature),
          ),
        ),
      ),
    ),
  );
}

function signatureAlgorithm(key: KeyObject, { ec }: Digest): Buffer {
  if (key.asymmetricKeyType === 'rsa') return der(TAG.sequence, RSA, NULL);
  if (key.asymmetricKeyType === 'ec' && ec !== null) return der(TAG.sequence, ec);
  throw new CmsError(`keys of type ${key.asymmetricKeyType} cannot sign messages`);
}

interface Message {
  readonly content: Buffer;
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly digestName: DigestName;
  readonly signatureAlgorithm: Buffer;
  readonly signature: Buffer;
}

/**
 * The content of a signed message.
 * @param message DER
 * @param now milliseconds since the epoch: when the certificates must be valid
 * @throws CmsError when it is no such message, when the signature is not the signer's, or when nobody vouches for the
 *   signer
 */
export function verifyMessage(message: Buffer, trust: Trust, now: number): Buffer {
  if (message.length > MAX_MESSAGE_BYTES) throw new CmsError('the message is too large');
  const { content, issuer, serial, ...signed } = parse(message);
  const signer = trust.certificates.find(
    (certificate) => certificate.serial.equals(serial) && certificate.issuer.equals(issuer),
  );
  if (signer === undefined) throw new CmsError('the signer is not known');
  const { publicKey: key } = signer;
  if (!fits(signed.signatureAlgorithm, key, DIGESTS[signed.digestName])) {
    throw new CmsError("the kind of the signature is not that of the signer's key");
  }
  if (!verify(signed.digestName, content, key, signed.signature))
    throw new CmsError('the signature is wrong');
  try {
    checkChain(signer, trust.certificates, trust.authorities, now);
  } catch (error) {
    if (error instanceof CertificateError) throw new CmsError(error.message, { cause: error });
    throw error;
  }
  return content;
}

function parse(message: Buffer): Message {
  try {
    const outer = new DerReader(message);
    const info = outer.enter(TAG.sequence);
    outer.finish();
    expectBytes(info.next(TAG.oid).whole, SIGNED_DATA);
    const wrapped = info.enter(TAG.context0);
    info.finish();
    const data = wrapped.enter(TAG.sequence);
    wrapped.finish();
    expectBytes(data.next(TAG.integer).whole, VERSION_1);
    const digests = data.enter(TAG.set);
    const digestName = readDigest(digests);
    digests.finish();
    const encapsulated = data.enter(TAG.sequence);
    expectBytes(encapsulated.next(TAG.oid).whole, DATA);
    const inside = encapsulated.enter(TAG.context0);
    encapsulated.finish();
    const content = inside.next(TAG.octetString).content;
    inside.finish();
    const signers = data.enter(TAG.set);
    data.finish();
    const signer = signers.enter(TAG.sequence);
    signers.finish();
    return { content, ...readSigner(signer, digestName) };
  } catch (error) {
    if (error instanceof DerError) throw new CmsError('it is no signed message', { cause: error });
    throw error;
  }
}

function readSigner(signer: DerReader, digestName: DigestName): Omit<Message, 'content'> {
  expectBytes(signer.next(TAG.integer).whole, VERSION_1);
  const id = signer.enter(TAG.sequence);
  const issuer = id.next(TAG.sequence).whole;
  const serial = id.next(TAG.integer).whole;
  id.finish();
  if (readDigest(signer) !== digestName) throw new DerError('two digests');
  const algorithm = signer.next(TAG.sequence).whole;
  const signature = signer.next(TAG.octetString).content;
  signer.finish();
  return { issuer, serial, digestName, signatureAlgorithm: algorithm, signature };
}

/** An algorithm's parameters are absent or NULL: OpenSSL has written both. */
function readDigest(from: DerReader): DigestName {
  const algorithm = from.enter(TAG.sequence);
  const id = algorithm.next(TAG.oid).whole;
  if (!algorithm.atEnd) expectBytes(algorithm.next(TAG.null).whole, NULL);
  algorithm.finish();
  for (const [name, each] of Object.entries(DIGESTS)) if (each.oid.equals(id)) return name as DigestName;
  throw new DerError('an unknown digest');
}

function fits(algorithm: Buffer, key: KeyObject, { rsa, ec }: Digest): boolean {
  if (key.asymmetricKeyType === 'rsa') {
    return [RSA, rsa].some((id) => algorithm.equals(der(TAG.sequence, id, NULL)));
  }
  return key.asymmetricKeyType === 'ec' && ec !== null && algorithm.equals(der(TAG.sequence, ec));
}

function expectBytes(found: Buffer, expected: Buffer): void {
  if (!found.equals(expected)) throw new DerError('unexpected value');
}
