/** Routes of users of API v2.0, on the admin stack. */
import type { Access, JsonSchema, Route } from '../../common/http/types.js';
import type { V2Context } from '../v2.js';
import { V2UserController } from './v2_controllers.js';
import { userCreateV2, userEnableV2, userUpdateV2 } from './v2_schema.js';

export function v2UserRoutes(context: V2Context): readonly Route[] {
  const users = new V2UserController(context);
  const access: Access = { kind: 'v2_admin' };
  const update = (path: string, schema: JsonSchema = userUpdateV2): Route => ({
    method: 'PUT',
    path: `/users/{user_id}${path}`,
    access,
    schema: { member: 'user', schema },
    handler: users.update,
  });
  return [
    { method: 'GET', path: '/users', access, handler: users.list },
    {
      method: 'POST',
      path: '/users',
      access,
      schema: { member: 'user', schema: userCreateV2 },
      handler: users.create,
    },
    { method: 'GET', path: '/users/{user_id}', access, handler: users.get },
    { method: 'DELETE', path: '/users/{user_id}', access, handler: users.delete },
    update(''),
    update('/password'),
    update('/OS-KSADM/password'),
    update('/tenant'),
    update('/OS-KSADM/tenant'),
    update('/enabled', userEnableV2),
    update('/OS-KSADM/enabled', userEnableV2),
  ];
}
