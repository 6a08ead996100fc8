/**
 * Tokens that say themselves what they are about, signed by the key of `[signing]`, so that services can check them
 * without asking. They are kept all the same, by the digest of their text (`[token] hash_algorithm`), and are found by
 * the text or by the digest. Source: `[token] provider = pki` and `pkiz`; python-keystoneclient, `cms`.
 */
import {
  isPki,
  isPkiz,
  messageToPki,
  messageToPkiz,
  signMessage,
  uniqueTokenId,
} from '../../../common/crypto/cms/index.js';
import { UnexpectedError } from '../../../common/errors.js';
import type { DriverContext } from '../../subsystem.js';
import { CurrentSigning } from '../current_signing.js';
import type { TokenProvider } from '../driver.js';
import { createStoredProvider } from './stored.js';

/** Longer than any digest in hexadecimal digits there is none that can be stored by. */
const DIGEST = /^[0-9a-f]{32,128}$/;
/** The alphabets of both forms. */
const TEXT = /^[A-Za-z0-9+/=_-]+$/;

/** Digests of more characters do not fit into the column of ids. */
const ID_LENGTH = 64;

/**
 * @param compressed whether the message is compressed (`pkiz`)
 * @throws Error naming option and file when the signing key or a certificate is missing or unfit, or when `[token]
 *   driver` cannot be had
 */
export async function createSignedProvider(
  context: DriverContext,
  { compressed }: { readonly compressed: boolean },
): Promise<TokenProvider> {
  const { conf } = context;
  const algorithm = conf.token.hash_algorithm;
  if (uniqueTokenId('MII', algorithm).length > ID_LENGTH && conf.token.driver === 'sql') {
    const place = context.placeOf?.('token', 'hash_algorithm') ?? '';
    throw new Error(
      `${place === '' ? '' : `${place}: `}[token] hash_algorithm = ${algorithm}: its digests do not fit into the` +
        ' column of ids of [token] driver = sql; valid are: md5, sha1, sha224, sha256',
    );
  }
  const signing = await CurrentSigning.open(conf.signing, context.placeOf);
  const encode = compressed
    ? messageToPkiz
    : (message: Buffer): Promise<string> => Promise.resolve(messageToPki(message));
  const isToken = compressed ? isPkiz : isPki;
  return createStoredProvider(context, {
    async make(body) {
      const token = await encode(await signMessage(JSON.stringify({ token: body }), await signing.signer()));
      if (isToken(token)) return token;
      // Larger ones begin otherwise, and no client would know them for signed tokens.
      throw new UnexpectedError(
        `Unable to sign token: with ${token.length} characters it is larger than tokens of pki can be (21,852);` +
          ' those of pkiz can',
      );
    },
    storedId(token) {
      if (isPki(token) || isPkiz(token)) return TEXT.test(token) ? uniqueTokenId(token, algorithm) : null;
      return DIGEST.test(token) ? token : null;
    },
  });
}
