/** Every section of keystone.conf that is declared. */
import type { SectionDeclaration } from '../../common/config/declaration.js';
import { applicationCredential } from './application_credential.js';
import { assignment } from './assignment.js';
import { auth } from './auth.js';
import { cache } from './cache.js';
import { catalog } from './catalog.js';
import { cors } from './cors.js';
import { credential } from './credential.js';
import { database } from './database.js';
import { defaults } from './default.js';
import { domainConfig } from './domain_config.js';
import { endpointFilter } from './endpoint_filter.js';
import { endpointPolicy } from './endpoint_policy.js';
import { eventletServer } from './eventlet_server.js';
import { federation } from './federation.js';
import { fernetReceipts } from './fernet_receipts.js';
import { fernetTokens } from './fernet_tokens.js';
import { healthcheck } from './healthcheck.js';
import { identity } from './identity.js';
import { identityMapping } from './identity_mapping.js';
import { jwtTokens } from './jwt_tokens.js';
import { keystoneKoa } from './keystone_koa.js';
import { kvs } from './kvs.js';
import { ldap } from './ldap.js';
import { matchmakerRedis } from './matchmaker_redis.js';
import { memcache } from './memcache.js';
import { oauth1 } from './oauth1.js';
import { osInherit } from './os_inherit.js';
import { osloMessagingAmqp } from './oslo_messaging_amqp.js';
import { osloMessagingKafka } from './oslo_messaging_kafka.js';
import { osloMessagingNotifications } from './oslo_messaging_notifications.js';
import { osloMessagingRabbit } from './oslo_messaging_rabbit.js';
import { osloMessagingZmq } from './oslo_messaging_zmq.js';
import { osloMiddleware } from './oslo_middleware.js';
import { osloPolicy } from './oslo_policy.js';
import { pasteDeploy } from './paste_deploy.js';
import { policy } from './policy.js';
import { profiler } from './profiler.js';
import { receipt } from './receipt.js';
import { resource } from './resource.js';
import { revoke } from './revoke.js';
import { role } from './role.js';
import { saml } from './saml.js';
import { securityCompliance } from './security_compliance.js';
import { shadowUsers } from './shadow_users.js';
import { signing } from './signing.js';
import { token } from './token.js';
import { tokenlessAuth } from './tokenless_auth.js';
import { totp } from './totp.js';
import { trust } from './trust.js';
import { unifiedLimit } from './unified_limit.js';
import { wsgi } from './wsgi.js';

export const SECTIONS = {
  DEFAULT: defaults,
  application_credential: applicationCredential,
  assignment,
  auth,
  cache,
  catalog,
  cors,
  'cors.subdomain': cors,
  credential,
  database,
  domain_config: domainConfig,
  endpoint_filter: endpointFilter,
  endpoint_policy: endpointPolicy,
  eventlet_server: eventletServer,
  federation,
  fernet_receipts: fernetReceipts,
  fernet_tokens: fernetTokens,
  healthcheck,
  identity,
  identity_mapping: identityMapping,
  jwt_tokens: jwtTokens,
  keystone_koa: keystoneKoa,
  kvs,
  ldap,
  matchmaker_redis: matchmakerRedis,
  memcache,
  oauth1,
  os_inherit: osInherit,
  oslo_messaging_amqp: osloMessagingAmqp,
  oslo_messaging_kafka: osloMessagingKafka,
  oslo_messaging_notifications: osloMessagingNotifications,
  oslo_messaging_rabbit: osloMessagingRabbit,
  oslo_messaging_zmq: osloMessagingZmq,
  oslo_middleware: osloMiddleware,
  oslo_policy: osloPolicy,
  paste_deploy: pasteDeploy,
  policy,
  profiler,
  receipt,
  resource,
  revoke,
  role,
  saml,
  security_compliance: securityCompliance,
  shadow_users: shadowUsers,
  signing,
  token,
  tokenless_auth: tokenlessAuth,
  totp,
  trust,
  unified_limit: unifiedLimit,
  wsgi,
} as const satisfies { readonly [section: string]: SectionDeclaration };
