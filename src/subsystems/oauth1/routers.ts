/** Routes of OAuth 1.0a. */
import { coreParam, extensionParam, extensionRel, type Relation } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import { Oauth1Controller } from './controllers.js';
import type { Oauth1Manager } from './manager.js';
import { authorizedRoles, consumerCreate, consumerUpdate } from './schema.js';

const param = (name: string): string => extensionParam('OS-OAUTH1', name);

function rel(name: string): Relation {
  return extensionRel('OS-OAUTH1', name, {
    params: {
      consumer_id: param('consumer_id'),
      request_token_id: param('request_token_id'),
      access_token_id: param('access_token_id'),
      user_id: coreParam('user_id'),
      role_id: coreParam('role_id'),
    },
  });
}

function protectedBy(action: string): Access {
  return { kind: 'protected', target: `identity:${action}` };
}

const SIGNED: Access = { kind: 'public', why: 'the OAuth signature of a consumer stands in for a token' };

export function oauth1Routes(manager: Oauth1Manager): readonly Route[] {
  const oauth1 = new Oauth1Controller(manager);
  return [...consumerRoutes(oauth1), ...accessTokenRoutes(oauth1), ...flowRoutes(oauth1)];
}

function consumerRoutes(oauth1: Oauth1Controller): readonly Route[] {
  const path = '/OS-OAUTH1/consumers';
  const member = `${path}/{consumer_id}`;
  return [
    {
      method: 'GET',
      path,
      access: protectedBy('list_consumers'),
      handler: oauth1.listConsumers,
      rel: rel('consumers'),
    },
    {
      method: 'POST',
      path,
      access: protectedBy('create_consumer'),
      schema: { member: 'consumer', schema: consumerCreate },
      handler: oauth1.createConsumer,
    },
    {
      method: 'GET',
      path: member,
      access: protectedBy('get_consumer'),
      handler: oauth1.getConsumer,
      rel: rel('consumer'),
    },
    {
      method: 'PATCH',
      path: member,
      access: protectedBy('update_consumer'),
      schema: { member: 'consumer', schema: consumerUpdate },
      handler: oauth1.updateConsumer,
    },
    {
      method: 'DELETE',
      path: member,
      access: protectedBy('delete_consumer'),
      handler: oauth1.deleteConsumer,
    },
  ];
}

function accessTokenRoutes(oauth1: Oauth1Controller): readonly Route[] {
  const path = '/users/{user_id}/OS-OAUTH1/access_tokens';
  const member = `${path}/{access_token_id}`;
  return [
    {
      method: 'GET',
      path,
      access: protectedBy('list_access_tokens'),
      handler: oauth1.listAccessTokens,
      rel: rel('user_access_tokens'),
    },
    {
      method: 'GET',
      path: member,
      access: protectedBy('get_access_token'),
      handler: oauth1.getAccessToken,
      rel: rel('user_access_token'),
    },
    {
      method: 'DELETE',
      path: member,
      access: protectedBy('delete_access_token'),
      handler: oauth1.deleteAccessToken,
    },
    {
      method: 'GET',
      path: `${member}/roles`,
      access: protectedBy('list_access_token_roles'),
      handler: oauth1.listRoles,
      rel: rel('user_access_token_roles'),
    },
    {
      method: 'GET',
      path: `${member}/roles/{role_id}`,
      access: protectedBy('get_access_token_role'),
      handler: oauth1.getRole,
      rel: rel('user_access_token_role'),
    },
  ];
}

function flowRoutes(oauth1: Oauth1Controller): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/OS-OAUTH1/request_token',
      access: SIGNED,
      rawBody: true,
      handler: oauth1.createRequestToken,
      rel: rel('request_tokens'),
    },
    {
      method: 'POST',
      path: '/OS-OAUTH1/access_token',
      access: SIGNED,
      rawBody: true,
      handler: oauth1.createAccessToken,
      rel: rel('access_tokens'),
    },
    {
      method: 'PUT',
      path: '/OS-OAUTH1/authorize/{request_token_id}',
      access: protectedBy('authorize_request_token'),
      schema: { member: 'roles', schema: authorizedRoles },
      handler: oauth1.authorizeRequestToken,
      rel: rel('authorize_request_token'),
    },
  ];
}
