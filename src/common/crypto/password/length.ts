import { PasswordVerificationError, ValidationError } from '../../errors.js';
import type { PasswordAlgorithm } from './scheme.js';

export interface LengthLimit {
  readonly algorithm: PasswordAlgorithm;
  /** `[identity] max_password_length` */
  readonly maxLength: number;
  /** `[DEFAULT] strict_password_check`: refuse what is too long instead of cutting it. */
  readonly strict: boolean;
}

/** bcrypt reads no more of a password than this. */
const BCRYPT_MAX_BYTES = 72;

/**
 * The bytes of a password that are hashed: what is longer than allowed is cut, or refused when the check is strict.
 *
 * Newton counts characters. The releases that brought the other algorithms count bytes, and with bcrypt no more than
 * 72: which of the two it is follows the configured algorithm, so that passwords cut by either keep matching.
 *
 * @throws ValidationError when it is not a text, or not one that UTF-8 can carry
 * @throws PasswordVerificationError when it is too long and the check is strict
 */
export function passwordBytes(password: unknown, limit: LengthLimit): Buffer {
  if (typeof password !== 'string' || /\p{Surrogate}/u.test(password)) {
    throw new ValidationError({ attribute: 'string', target: 'password' });
  }
  const { algorithm, maxLength, strict } = limit;
  const tooLong = (size: number): void => {
    if (!strict) return;
    throw new PasswordVerificationError({ size });
  };
  if (algorithm === 'sha512_crypt') {
    // A text has no more characters than code units.
    if (password.length > maxLength) {
      const characters = Array.from(password);
      if (characters.length > maxLength) {
        tooLong(maxLength);
        return Buffer.from(characters.slice(0, maxLength).join(''), 'utf8');
      }
    }
    return Buffer.from(password, 'utf8');
  }
  const bytes = Buffer.from(password, 'utf8');
  const size = algorithm === 'bcrypt' ? Math.min(maxLength, BCRYPT_MAX_BYTES) : maxLength;
  if (bytes.length <= size) return bytes;
  tooLong(size);
  return bytes.subarray(0, size);
}
