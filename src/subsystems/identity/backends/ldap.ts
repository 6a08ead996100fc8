/** Users and groups in an LDAP directory: `[identity] driver = ldap` and the section `[ldap]`. */
import type { HealthChecks } from '../../../common/health.js';
import { LdapDirectory } from '../../../common/ldap/index.js';
import type { Conf } from '../../../conf/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { IdentityDriver } from '../driver.js';
import { EnabledGroup } from './ldap_enabled_group.js';
import { LdapGroups } from './ldap_groups.js';
import { groupMapping, userMapping } from './ldap_mapping.js';
import { LdapPasswords } from './ldap_passwords.js';
import { LdapUsers } from './ldap_users.js';

export function createDriver({ conf, domainId, health }: DriverContext): IdentityDriver {
  return createLdapDriver(conf, domainId ?? conf.identity.default_domain_id, health);
}

/**
 * A driver for one domain. Nothing is connected before it is asked for something.
 * @param conf of which `[ldap]` counts: the main configuration or that of a domain
 * @param domainId of all users and groups
 * @param health where to tell how the directory is; without it the service goes on, as other users may be elsewhere
 * @throws LdapOptionError naming the option
 */
export function createLdapDriver(
  conf: Pick<Conf, 'ldap'>,
  domainId: string,
  health?: HealthChecks,
): IdentityDriver {
  const options = conf.ldap;
  const directory = new LdapDirectory(options);
  const userPart = userMapping(options);
  const groupPart = groupMapping(options);
  const enabledGroup = options.user_enabled_emulation ? new EnabledGroup(directory, options) : null;
  const users = new LdapUsers(directory, userPart, enabledGroup, options, domainId);
  const groups = new LdapGroups(directory, groupPart, users, options, domainId);
  users.onDelete((entry) => groups.removeEverywhere(entry));
  const name = `directory:${domainId}`;
  const told = [
    health?.register(name, () => directory.ping(), { required: false }),
    health?.describe(name, () => directory.state()),
  ];
  return {
    traits: { isDomainAware: false, generatesUuids: false, isSql: false },
    users,
    groups,
    passwords: new LdapPasswords(directory, users, options),
    async close() {
      for (const takeBack of told) takeBack?.();
      await directory.close();
    },
  };
}
