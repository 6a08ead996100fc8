/** Who provides what: all managers by name. Built in one place, `server/providers.ts`, and frozen. */
import type { AssignmentManager } from './assignment/manager.js';
import type { AuthManager } from './auth/manager.js';
import type { CatalogManager } from './catalog/manager.js';
import type { CredentialManager } from './credential/manager.js';
import type { DomainConfigManager } from './domain_config/manager.js';
import type { EndpointPolicyManager } from './endpoint_policy/manager.js';
import type { IdMappingManager } from './id_mapping/manager.js';
import type { IdentityManager } from './identity/manager.js';
import type { Oauth1Manager } from './oauth1/manager.js';
import type { PolicyManager } from './policy/manager.js';
import type { ResourceManager } from './resource/manager.js';
import type { RevokeManager } from './revoke/manager.js';
import type { RoleManager } from './role/manager.js';
import type { TokenManager } from './token/manager.js';
import type { TrustManager } from './trust/manager.js';

export interface Providers {
  readonly assignment: AssignmentManager;
  readonly auth: AuthManager;
  readonly catalog: CatalogManager;
  readonly credential: CredentialManager;
  readonly domainConfig: DomainConfigManager;
  readonly endpointPolicy: EndpointPolicyManager;
  readonly idMapping: IdMappingManager;
  readonly identity: IdentityManager;
  readonly oauth1: Oauth1Manager;
  readonly policy: PolicyManager;
  readonly resource: ResourceManager;
  readonly revoke: RevokeManager;
  readonly role: RoleManager;
  readonly token: TokenManager;
  readonly trust: TrustManager;
}
