/** Keys of the cache: digests only, so that neither tokens nor anything else can be read from them. */
import { createHash } from 'node:crypto';

/**
 * The key of a value. Values of another deployment, of another region or of another generation of the data have other
 * keys. SHA-1 is what oslo.cache makes keys with; here it is SHA-256, because keys are made from tokens.
 * @param parts any texts
 */
export function cacheKey(prefix: string, parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return `${prefix}:${hash.digest('base64url')}`;
}

/** What may stand in a key before the colon: the option may hold anything. */
export function keyPrefix(configPrefix: string): string {
  const text = configPrefix.replace(/[^\w.-]/g, '_').slice(0, 64);
  return text === '' ? 'cache.oslo' : text;
}
