/** Routes of credentials. */
import { coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import { CREDENTIAL_FILTERS, CredentialController } from './controllers.js';
import type { CredentialManager } from './manager.js';
import { credentialCreate, credentialUpdate } from './schema.js';

export function credentialRoutes(manager: CredentialManager): readonly Route[] {
  const credentials = new CredentialController(manager);
  const stored = (action: 'get' | 'update' | 'delete'): Access => ({
    kind: 'protected',
    target: `identity:${action}_credential`,
    members: credentials.target,
  });
  const path = '/credentials/{credential_id}';
  return [
    {
      method: 'POST',
      path: '/credentials',
      access: { kind: 'protected', target: 'identity:create_credential' },
      schema: { member: 'credential', schema: credentialCreate },
      handler: credentials.create,
      rel: coreRel('credentials'),
    },
    {
      method: 'GET',
      path: '/credentials',
      access: { kind: 'filter', target: 'identity:list_credentials', filters: CREDENTIAL_FILTERS },
      handler: credentials.list,
    },
    { method: 'GET', path, access: stored('get'), handler: credentials.get, rel: coreRel('credential') },
    {
      method: 'PATCH',
      path,
      access: stored('update'),
      schema: { member: 'credential', schema: credentialUpdate },
      handler: credentials.update,
    },
    { method: 'DELETE', path, access: stored('delete'), handler: credentials.delete },
  ];
}
