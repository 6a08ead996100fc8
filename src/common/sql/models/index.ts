/** All tables: those of Keystone 22 (Zed) with the columns that only Newton has. Names are the database's own. */

import { assignmentTable, systemAssignmentTable } from './assignment.js';
import {
  endpointGroupTable,
  endpointTable,
  projectEndpointGroupTable,
  projectEndpointTable,
  regionTable,
  serviceTable,
} from './catalog.js';
import {
  accessRuleTable,
  applicationCredentialAccessRuleTable,
  applicationCredentialRoleTable,
  applicationCredentialTable,
  credentialTable,
} from './credential.js';
import { configRegisterTable, sensitiveConfigTable, whitelistedConfigTable } from './domain_config.js';
import {
  federationProtocolTable,
  identityProviderTable,
  idpRemoteIdsTable,
  mappingTable,
  serviceProviderTable,
} from './federation.js';
import {
  expiringUserGroupMembershipTable,
  federatedUserTable,
  groupTable,
  idMappingTable,
  localUserTable,
  nonlocalUserTable,
  passwordTable,
  userGroupMembershipTable,
  userOptionTable,
  userTable,
} from './identity.js';
import { limitTable, registeredLimitTable } from './limit.js';
import { accessTokenTable, consumerTable, requestTokenTable } from './oauth1.js';
import { policyAssociationTable, policyTable } from './policy.js';
import { projectOptionTable, projectTable, projectTagTable } from './resource.js';
import { impliedRoleTable, roleOptionTable, roleTable } from './role.js';
import { revocationEventTable, tokenTable } from './token.js';
import { trustRoleTable, trustTable } from './trust.js';

export const tables = {
  access_rule: accessRuleTable,
  access_token: accessTokenTable,
  application_credential: applicationCredentialTable,
  application_credential_access_rule: applicationCredentialAccessRuleTable,
  application_credential_role: applicationCredentialRoleTable,
  assignment: assignmentTable,
  config_register: configRegisterTable,
  consumer: consumerTable,
  credential: credentialTable,
  endpoint: endpointTable,
  endpoint_group: endpointGroupTable,
  expiring_user_group_membership: expiringUserGroupMembershipTable,
  federated_user: federatedUserTable,
  federation_protocol: federationProtocolTable,
  group: groupTable,
  id_mapping: idMappingTable,
  identity_provider: identityProviderTable,
  idp_remote_ids: idpRemoteIdsTable,
  implied_role: impliedRoleTable,
  limit: limitTable,
  local_user: localUserTable,
  mapping: mappingTable,
  nonlocal_user: nonlocalUserTable,
  password: passwordTable,
  policy: policyTable,
  policy_association: policyAssociationTable,
  project: projectTable,
  project_endpoint: projectEndpointTable,
  project_endpoint_group: projectEndpointGroupTable,
  project_option: projectOptionTable,
  project_tag: projectTagTable,
  region: regionTable,
  registered_limit: registeredLimitTable,
  request_token: requestTokenTable,
  revocation_event: revocationEventTable,
  role: roleTable,
  role_option: roleOptionTable,
  sensitive_config: sensitiveConfigTable,
  service: serviceTable,
  service_provider: serviceProviderTable,
  system_assignment: systemAssignmentTable,
  token: tokenTable,
  trust: trustTable,
  trust_role: trustRoleTable,
  user: userTable,
  user_group_membership: userGroupMembershipTable,
  user_option: userOptionTable,
  whitelisted_config: whitelistedConfigTable,
} as const;

export type Tables = typeof tables;
export type TableName = keyof Tables;

export * from './assignment.js';
export * from './catalog.js';
export * from './credential.js';
export * from './domain_config.js';
export * from './federation.js';
export * from './identity.js';
export * from './limit.js';
export * from './oauth1.js';
export * from './policy.js';
export * from './resource.js';
export * from './role.js';
export * from './token.js';
export * from './trust.js';
