/** The key derivation of AWS signature version 4. */
import { createHmac } from 'node:crypto';

/** Texts are taken in UTF-8. */
type Text = string | Uint8Array;

/** Signature of a string to sign under the credential scope `date/region/service/aws4_request`, in hexadecimal. */
export function signAws4(
  secret: string,
  scope: { readonly date: Text; readonly region: Text; readonly service: Text },
  stringToSign: Text,
): string {
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of [scope.date, scope.region, scope.service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  return createHmac('sha256', key).update(stringToSign).digest('hex');
}
