/**
 * The authentication method `recovery_code`: `{"user": {"id": "…"}, "code": "…"}`. The codes of a user are credentials
 * of type `recovery_code`, whose blob is the SHA-256 of a code in hexadecimal digits.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text) => createHash('sha256').update(text, 'utf8').digest();

function matches(blob, code) {
  const stored = Buffer.from(blob, 'hex');
  const given = digest(code);
  return stored.length === given.length && timingSafeEqual(stored, given);
}

export function createMethod({ providers, refuse, malformed }) {
  return {
    async authenticate(_request, payload) {
      const userId = payload.user?.id;
      if (typeof userId !== 'string' || userId === '') malformed('user');
      if (typeof payload.code !== 'string' || payload.code === '') malformed('code');
      const codes = await providers.credential.listCredentialsForUser(userId, 'recovery_code');
      // All are compared, whichever matches.
      if (codes.filter(({ blob }) => matches(blob, payload.code)).length === 0)
        refuse('no such recovery code');
      return { userId };
    },
  };
}
