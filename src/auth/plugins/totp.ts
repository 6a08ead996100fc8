/**
 * Method `totp`: `{user: {id | name + domain, passcode}}`; the secrets are the user's credentials of type `totp`.
 * Source: Identity API v3, time-based one-time passwords; RFC 6238.
 */
import { verifyTotp } from '../../common/crypto/totp.js';
import { NotFound, Unauthorized } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { AuthMethod, AuthMethodContext } from '../auth_method.js';
import { lookUpUser } from '../user_lookup.js';

export function createMethod({ conf, providers, name }: AuthMethodContext): AuthMethod {
  const { included_previous_windows: previous } = conf.totp;
  return {
    async authenticate(_request, payload) {
      const { userId, reason } = await lookUpUser(payload, name, providers);
      const user = payload['user'];
      const passcode = isRecord(user) && typeof user['passcode'] === 'string' ? user['passcode'] : '';
      if (userId === null) throw new Unauthorized(`Invalid user or domain: ${reason}`);
      try {
        await providers.identity.assertUserEnabled(userId);
      } catch (error) {
        if (error instanceof NotFound) throw new Unauthorized(error.message, { cause: error });
        throw error;
      }
      const credentials = await providers.credential.listCredentialsForUser(userId, 'totp');
      const now = Date.now() / 1000;
      // All are tried, whichever matches: the time taken tells only how many there are.
      const matching = credentials.filter(({ blob }) => verifyTotp(blob, passcode, now, previous));
      if (matching.length === 0) throw new Unauthorized('Invalid username or TOTP passcode');
      return { userId };
    },
  };
}
