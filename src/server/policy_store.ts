/** The policy that `[oslo_policy]` describes, for the service and for the commands that explain it. */
import { resolve } from 'node:path';
import { getLogger } from '../common/log/index.js';
import { type PolicyLog, PolicyStore } from '../common/policy/index.js';
import type { LoadedConf } from '../conf/index.js';

const log = getLogger('keystone.common.policy');

/**
 * Newton's rules, overridden by the files that are there.
 *
 * @param say takes what stops nothing but should be known; the log by default
 * @throws PolicyError naming file, line and rule
 */
export function loadPolicyStore(
  loaded: LoadedConf,
  say: PolicyLog = (level, message) => log[level](message),
): Promise<PolicyStore> {
  const {
    policy_file: policyFile,
    policy_dirs: policyDirs,
    policy_default_rule: defaultRule,
  } = loaded.conf.oslo_policy;
  const found = loaded.findFile(policyFile);
  return PolicyStore.load({
    policyFile: found ?? undefined,
    policyDirs: policyDirs.map((directory) => loaded.findFile(directory) ?? resolve(directory)),
    defaultRule,
    log: say,
  });
}
