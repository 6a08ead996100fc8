/** Method `password`: `{user: {id | name + domain, password}}`. Source: Identity API v3, password authentication. */
import type { JsonObject } from '../../common/context.js';
import { Unauthorized, UserDisabled, ValidationError } from '../../common/errors.js';
import { initiatorOf } from '../../common/notifications/index.js';
import { isRecord } from '../../common/record.js';
import type { AuthMethod, AuthMethodContext } from '../auth_method.js';
import { lookUpUser } from '../user_lookup.js';

export function createMethod({ providers, name }: AuthMethodContext): AuthMethod {
  return {
    repeatable: true,
    async authenticate(request, payload) {
      const password = passwordOf(payload);
      const { userId, domainId, reason } = await lookUpUser(payload, name, providers);
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

/** @returns '' where there is none, which is nobody's password. @throws ValidationError for what is no text */
function passwordOf({ user }: JsonObject): string {
  const password = (isRecord(user) ? user['password'] : null) ?? '';
  if (typeof password !== 'string') throw new ValidationError({ attribute: 'string', target: 'password' });
  return password;
}
