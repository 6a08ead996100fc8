/**
 * Method `oauth1`: the request itself is signed with an access token (OAuth 1.0a, Authorization header); the payload
 * is empty. The URL that is signed is the public one. Source: Identity API v3, OS-OAUTH1.
 */
import type { AuthMethod, AuthMethodContext } from '../auth_method.js';

export function createMethod({ providers }: AuthMethodContext): AuthMethod {
  return {
    async authenticate(request) {
      const authorization = request.header('authorization');
      const token = await providers.oauth1.authenticate({
        method: 'POST',
        uri: request.links.self,
        headers: authorization === '' ? {} : { Authorization: authorization },
        // The body is JSON, which OAuth does not sign.
        body: null,
      });
      return {
        userId: token.authorizing_user_id,
        projectId: token.project_id,
        accessTokenId: token.id,
      };
    },
  };
}
