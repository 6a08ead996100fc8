/** Routes of OS-REVOKE. */
import { extensionRel } from '../../common/http/json_home.js';
import type { Route } from '../../common/http/types.js';
import { RevokeController } from './controllers.js';
import type { RevokeManager } from './manager.js';

export function revokeRoutes(manager: RevokeManager): readonly Route[] {
  const revocations = new RevokeController(manager);
  return [
    {
      method: 'GET',
      path: '/OS-REVOKE/events',
      access: { kind: 'protected', target: 'identity:list_revoke_events' },
      handler: revocations.list,
      rel: extensionRel('OS-REVOKE', 'events'),
    },
  ];
}
