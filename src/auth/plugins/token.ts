/** Method `token`: `{id}`; rescoping. Source: Identity API v3, token authentication. */

import { Forbidden, ValidationError } from '../../common/errors.js';
import { assertTokenBind } from '../../common/token_bind.js';
import { auditChainId, isDelegated } from '../../common/token_model.js';
import type { AuthMethod, AuthMethodContext, Proof } from '../auth_method.js';
import { isText } from '../user_lookup.js';

export function createMethod({ conf, providers }: AuthMethodContext): AuthMethod {
  return {
    repeatable: true,
    async authenticate(request, payload): Promise<Proof> {
      const { id } = payload;
      if (!isText(id)) throw new ValidationError({ attribute: 'id', target: 'token' });
      const token = await providers.token.validateToken(id);
      // A delegated token makes no other token: that would be a way around the delegation's limits.
      if (isDelegated(token)) throw new Forbidden('A delegated token cannot be used to get another token');
      const { body } = token;
      if (
        !conf.token.allow_rescope_scoped_token &&
        (body.project !== undefined || body.domain !== undefined)
      ) {
        throw new Forbidden('Rescoping a scoped token is not allowed');
      }
      assertTokenBind(conf.token.enforce_token_bind, body.bind, request.context.remote);
      const federated = body.user['OS-FEDERATION'];
      return {
        userId: body.user.id,
        expiresAt: token.expiresAt,
        parentAuditId: auditChainId(token),
        methods: body.methods,
        ...(body.bind && { bind: body.bind }),
        ...(federated && {
          federation: {
            groupIds: federated.groups.map((group) => group.id),
            identityProviderId: federated.identity_provider.id,
            protocolId: federated.protocol.id,
          },
        }),
      };
    },
  };
}
