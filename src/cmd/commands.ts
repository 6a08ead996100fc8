/** Every command of keystone-manage, in the order of its help. One file each: to add one, add its line. */
import { bootstrapCommand } from './bootstrap.js';
import type { ManageCommand } from './command.js';
import { completion } from './completion.js';
import { credentialMigrate } from './credential_migrate.js';
import { credentialRotate } from './credential_rotate.js';
import { credentialSetup } from './credential_setup.js';
import { dbSyncCommand } from './db_sync.js';
import { dbVersionCommand } from './db_version.js';
import { diagnose } from './diagnose.js';
import { doctor } from './doctor.js';
import { domainConfigUpload } from './domain_config_upload.js';
import { fernetRotate } from './fernet_rotate.js';
import { fernetSetup } from './fernet_setup.js';
import { ldapCheck } from './ldap_check.js';
import { mappingPopulate } from './mapping_populate.js';
import { mappingPurge } from './mapping_purge.js';
import { pipelineCheck } from './pipeline_check.js';
import { pipelineShow } from './pipeline_show.js';
import { pkiSetup } from './pki_setup.js';
import { policyCheck } from './policy_check.js';
import { preflight } from './preflight.js';
import { reload } from './reload.js';
import { tokenFlush } from './token_flush.js';

export const COMMANDS: readonly ManageCommand[] = [
  dbSyncCommand,
  dbVersionCommand,
  bootstrapCommand,
  fernetSetup,
  fernetRotate,
  credentialSetup,
  pkiSetup,
  tokenFlush,
  credentialRotate,
  credentialMigrate,
  domainConfigUpload,
  ldapCheck,
  mappingPopulate,
  mappingPurge,
  pipelineCheck,
  pipelineShow,
  policyCheck,
  preflight,
  reload,
  doctor,
  diagnose,
  completion,
];

/** What the commands of a group are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  pipeline: 'look at the pipelines that a paste file describes, without starting them',
  policy: 'look at what policy decides',
};
