/** Signed messages as the texts of tokens: `MII…` (pki) and `PKIZ_…` (pkiz). Source: python-keystoneclient, `cms`. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, deflate, inflateSync } from 'node:zlib';
import { decodeBase64Lenient } from '../base64.js';
import { decodePemBody, pemBodies, toPem, wrapPem } from './pem.js';
import { CmsError, type DigestName, MAX_MESSAGE_BYTES } from './signed_data.js';

const LABEL = 'CMS';
/** What the same messages were called before. */
const OLD_LABEL = 'PKCS7';
/** Base64 of the first bytes of any message of 256 bytes to 16 KB; what is larger begins otherwise. */
const PKI_PREFIX = 'MII';
const PKIZ_PREFIX = 'PKIZ_';
/** Texts of tokens beyond this are not looked at: no server takes such headers. */
const MAX_TEXT = 2 * MAX_MESSAGE_BYTES;
/** The message as PEM: base64 with line ends. */
const MAX_PEM_BYTES = 2 * MAX_MESSAGE_BYTES;

const deflateAsync = promisify(deflate);

export function isPki(text: string): boolean {
  return text.startsWith(PKI_PREFIX);
}

export function isPkiz(text: string): boolean {
  return text.startsWith(PKIZ_PREFIX);
}

/**
 * What a token is stored, found and revoked by: the digest of a signed one, any other as it is.
 * Source: `[token] hash_algorithm`.
 */
export function uniqueTokenId(text: string, digest: DigestName): string {
  return isPki(text) || isPkiz(text) ? createHash(digest).update(text, 'utf8').digest('hex') : text;
}

/** PEM of a message, as in revocation lists. */
export function messageToPem(message: Buffer): string {
  return toPem(LABEL, message);
}

/** @throws CmsError when there is no message in the text */
export function messageFromPem(text: string): Buffer {
  if (text.length > MAX_PEM_BYTES) throw new CmsError('the message is too large');
  const [body] = [LABEL, OLD_LABEL].flatMap((label) => pemBodies(label, text));
  const message = body === undefined ? null : decodePemBody(body);
  if (message === null || message.length === 0) throw new CmsError('it is no signed message');
  return message;
}

/** PEM to the one line that goes into a header. Whatever else stands in the text stays. */
export function pemToPki(pem: string): string {
  return pem.replaceAll('/', '-').replace(/-----(?:BEGIN|END) CMS-----|\n/g, '');
}

/** The reverse of `pemToPki`, for any text. */
export function pkiToPem(text: string): string {
  return wrapPem(LABEL, text.replaceAll('-', '/'));
}

/** The token of a message. */
export function messageToPki(message: Buffer): string {
  return message.toString('base64').replaceAll('/', '-');
}

/** @throws CmsError */
export function messageFromPki(text: string): Buffer {
  if (text.length > MAX_TEXT) throw new CmsError('the message is too large');
  return messageFromPem(pkiToPem(text));
}

/** The token of a message, compressed. What is compressed is its PEM text. */
export async function messageToPkiz(message: Buffer): Promise<string> {
  const compressed = await deflateAsync(messageToPem(message), { level: 6 });
  return PKIZ_PREFIX + compressed.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** What a compressed token holds: a PEM text. @throws CmsError, also when it would be larger than any message */
export function uncompressPkiz(text: string): Buffer {
  if (text.length > MAX_TEXT) throw new CmsError('the message is too large');
  const compressed = isPkiz(text) ? decodeBase64Lenient(text.slice(PKIZ_PREFIX.length)) : null;
  if (compressed === null) throw new CmsError('it is no compressed message');
  try {
    return inflateSync(compressed, { maxOutputLength: MAX_PEM_BYTES, finishFlush: constants.Z_FINISH });
  } catch (error) {
    throw new CmsError('it cannot be uncompressed', { cause: error });
  }
}

/** @throws CmsError */
export function messageFromPkiz(text: string): Buffer {
  return messageFromPem(uncompressPkiz(text).toString('latin1'));
}
