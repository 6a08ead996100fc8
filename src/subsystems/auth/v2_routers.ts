/** Routes of tokens of API v2.0. */
import type { Access, Route } from '../../common/http/types.js';
import type { V2Context } from '../v2.js';
import { AuthController } from './controllers.js';
import { V2AuthController } from './v2_controllers.js';

const ADMIN: Access = { kind: 'v2_admin' };
const CERTIFICATES: Access = { kind: 'public', why: 'certificates are made to be known' };

/** On both stacks. */
export function v2TokenRoutes(context: V2Context): readonly Route[] {
  const auth = new V2AuthController(context);
  const { revocationList } = new AuthController(context.providers);
  const policy = (target: `identity:${string}`): Access => ({ kind: 'protected', target });
  return [
    {
      method: 'POST',
      path: '/tokens',
      access: { kind: 'public', why: 'authentication itself' },
      handler: auth.authenticate,
    },
    {
      method: 'GET',
      path: '/tokens/revoked',
      access: policy('identity:revocation_list'),
      handler: revocationList,
    },
    {
      method: 'GET',
      path: '/tokens/{token_id}',
      access: policy('identity:validate_token'),
      handler: auth.validate,
    },
    {
      method: 'HEAD',
      path: '/tokens/{token_id}',
      access: policy('identity:validate_token_head'),
      handler: auth.validate,
    },
    { method: 'DELETE', path: '/tokens/{token_id}', access: ADMIN, handler: auth.revoke },
    { method: 'GET', path: '/tokens/{token_id}/endpoints', access: ADMIN, handler: auth.endpoints },
    {
      method: 'GET',
      path: '/certificates/ca',
      access: CERTIFICATES,
      handler: auth.certificate('ca_certs'),
    },
    {
      method: 'GET',
      path: '/certificates/signing',
      access: CERTIFICATES,
      handler: auth.certificate('certfile'),
    },
  ];
}

/** On the public stack. */
export function v2OwnPasswordRoutes(context: V2Context): readonly Route[] {
  const { changePassword } = new V2AuthController(context);
  return [
    {
      method: 'PATCH',
      path: '/OS-KSCRUD/users/{user_id}',
      access: {
        kind: 'authenticated',
        why: 'users change their own passwords, and have to know the old ones',
      },
      schema: { member: 'user', schema: { type: 'object' } },
      handler: changePassword,
    },
  ];
}
