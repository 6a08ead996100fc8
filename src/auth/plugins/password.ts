/** Method `password`: `{user: {id | name + domain, password}}`. Source: Identity API v3, password authentication. */
import { Unauthorized, UserDisabled } from '../../common/errors.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { AuthMethod, AuthMethodContext } from '../auth_method.js';
import { isObject, lookUpUser } from '../user_lookup.js';

export function createMethod({ providers, name }: AuthMethodContext): AuthMethod {
  return {
    repeatable: true,
    async authenticate(request, payload) {
      const { userId, domainId, reason } = await lookUpUser(payload, name, providers);
      const user = payload['user'];
      const password = isObject(user) && typeof user['password'] === 'string' ? user['password'] : '';
      if (userId === null) {
        // The same work as for a known user: the time of the answer does not tell who exists.
        await providers.identity.pretendToAuthenticate(password, domainId);
        throw new Unauthorized(`Invalid user or domain: ${reason}`);
      }
      try {
        await providers.identity.authenticate(userId, password, initiatorOf(request));
      } catch (error) {
        if (error instanceof UserDisabled) throw new Unauthorized(error.message, { cause: error });
        throw error;
      }
      return { userId };
    },
  };
}
