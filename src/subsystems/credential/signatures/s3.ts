/** S3 request signatures: `POST /v3/s3tokens` brings the string that was signed instead of the request. */
import { createHmac } from 'node:crypto';
import { decodeBase64Lenient } from '../../../common/crypto/base64.js';
import { equalText } from '../../../common/crypto/constant_time.js';
import { signAws4 } from './aws4.js';

const AWS4 = 'AWS4';

/**
 * Whether a signature is right: version 4 when the string to sign begins with `AWS4`, version 1 otherwise.
 *
 * @param secret of the credential whose access key the request names
 * @param token the string to sign, in base64 of either alphabet
 * @param signature base64 for version 1, hexadecimal for version 4
 */
export function checkS3Signature(secret: string, token: string, signature: string): boolean {
  // Foreign characters are skipped as long as they are ASCII; the original refuses the others.
  const stringToSign = Buffer.byteLength(token) === token.length ? decodeBase64Lenient(token) : null;
  if (stringToSign === null) return false;
  const expected =
    stringToSign.subarray(0, AWS4.length).toString('latin1') === AWS4
      ? signature4(secret, stringToSign)
      : createHmac('sha1', secret).update(stringToSign).digest('base64');
  return expected !== null && equalText(signature, expected);
}

/** Null when the string to sign is none, or not of the service s3. */
function signature4(secret: string, stringToSign: Buffer): string | null {
  const lines = stringToSign.toString('latin1').split('\n');
  const scope = (lines[2] ?? '').split('/');
  const [date = '', region = '', service, end] = scope;
  if (lines.length !== 4 || lines[0] !== 'AWS4-HMAC-SHA256') return null;
  if (scope.length !== 4 || service !== 's3' || end !== 'aws4_request') return null;
  // Back to the bytes that were signed, whatever their encoding is.
  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
  return signAws4(secret, { date: bytes(date), region: bytes(region), service }, stringToSign);
}
