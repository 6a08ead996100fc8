/** Every symptom, in the order in which they are looked for. One file each: to add one, add its line. */

import { aPeerIsNotReady } from './a_peer_is_not_ready.js';
import { accountsOfThisMachineAreTrusted } from './accounts_of_this_machine_are_trusted.js';
import { adminTokenSet } from './admin_token_set.js';
import { cachingDisabled } from './caching_disabled.js';
import { cachingEnabledWithoutABackend } from './caching_enabled_without_a_backend.js';
import { clockSkew } from './clock_skew.js';
import { commaInSamlKeyPath } from './comma_in_saml_private_key_file_path.js';
import { commaInSamlCertificatePath } from './comma_in_saml_public_certificate_path.js';
import { configurationCannotBeUsed } from './configuration_cannot_be_used.js';
import { databaseConnectionIsNotSqlite } from './database_connection_is_not_sqlite.js';
import { databaseIsNotReachable } from './database_is_not_reachable.js';
import { databaseSchemaIsNotComplete } from './database_schema_is_not_complete.js';
import { debugInProduction } from './debug_in_production.js';
import { domainConfigurationCannotBeUsed } from './domain_configuration_cannot_be_used.js';
import { openSignatureApis } from './ec2_s3_tokens_without_authentication.js';
import { everybodyIsATrustedProxy } from './everybody_is_a_trusted_proxy.js';
import { insecureDebug } from './insecure_debug.js';
import { invalidPasswordRegex } from './invalid_password_regular_expression.js';
import { keysDifferOnAPeer } from './keys_differ_on_a_peer.js';
import { keysOfCredentials } from './keys_in_credential_fernet_key_repository.js';
import { keysOfTokens } from './keys_in_fernet_key_repository.js';
import { groupMembersAreIdsDisabled } from './ldap_group_members_are_ids_disabled.js';
import { ldapIsNotReachable } from './ldap_is_not_reachable.js';
import { ldapPasswordInClear } from './ldap_password_in_clear.js';
import { emulationDnIgnored } from './ldap_user_enabled_emulation_dn_ignored.js';
import { emulationGroupConfigIgnored } from './ldap_user_enabled_emulation_use_group_config_ignored.js';
import { memcachedIsNotReachable } from './memcached_is_not_reachable.js';
import { minimumPasswordAge } from './minimum_password_age_should_be_less_than_password_expires_days.js';
import { missingChangeTriggers } from './missing_change_triggers.js';
import { moreKeysThanMax } from './more_keys_than_max_active_keys.js';
import { passwordRegexDescription } from './password_regular_expression_description_not_set.js';
import { pasteFileCannotBeLoaded } from './paste_file_cannot_be_loaded.js';
import { policyCannotBeLoaded } from './policy_cannot_be_loaded.js';
import { settingsWithoutEffect } from './settings_without_effect.js';
import { signingKeyPermissions } from './signing_key_permissions.js';
import type { Symptom } from './symptom.js';
import { tokenDriverKvs } from './token_driver_kvs.js';
import { tokenProviderMismatch } from './token_provider_does_not_fit_its_options.js';
import { uniqueKeyRepositories } from './unique_key_repositories.js';
import { unreasonableMaxTokenSize } from './unreasonable_max_token_size.js';
import { usabilityOfCredentialKeys } from './usability_of_credential_fernet_key_repository.js';
import { usabilityOfTokenKeys } from './usability_of_fernet_key_repository.js';
import { worldReadableConfiguration } from './world_readable_configuration.js';
import { worldReadableKeys } from './world_readable_keys.js';

export const SYMPTOMS: readonly Symptom[] = [
  configurationCannotBeUsed,
  domainConfigurationCannotBeUsed,
  settingsWithoutEffect,
  pasteFileCannotBeLoaded,
  policyCannotBeLoaded,
  databaseIsNotReachable,
  databaseSchemaIsNotComplete,
  missingChangeTriggers,
  databaseConnectionIsNotSqlite,
  clockSkew,
  cachingDisabled,
  cachingEnabledWithoutABackend,
  memcachedIsNotReachable,
  uniqueKeyRepositories,
  usabilityOfTokenKeys,
  keysOfTokens,
  usabilityOfCredentialKeys,
  keysOfCredentials,
  moreKeysThanMax,
  keysDifferOnAPeer,
  aPeerIsNotReady,
  worldReadableKeys,
  worldReadableConfiguration,
  signingKeyPermissions,
  tokenDriverKvs,
  tokenProviderMismatch,
  unreasonableMaxTokenSize,
  adminTokenSet,
  debugInProduction,
  insecureDebug,
  openSignatureApis,
  everybodyIsATrustedProxy,
  accountsOfThisMachineAreTrusted,
  minimumPasswordAge,
  invalidPasswordRegex,
  passwordRegexDescription,
  commaInSamlCertificatePath,
  commaInSamlKeyPath,
  ldapIsNotReachable,
  ldapPasswordInClear,
  emulationDnIgnored,
  emulationGroupConfigIgnored,
  groupMembersAreIdsDisabled,
];
