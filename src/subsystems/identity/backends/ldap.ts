/** Users and groups in an LDAP directory: `[identity] driver = ldap` and the section `[ldap]`. */
import { LdapDirectory } from '../../../common/ldap/index.js';
import type { Conf } from '../../../conf/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { IdentityDriver } from '../driver.js';
import { EnabledGroup } from './ldap_enabled_group.js';
import { LdapGroups } from './ldap_groups.js';
import { groupMapping, userMapping } from './ldap_mapping.js';
import { LdapPasswords } from './ldap_passwords.js';
import { LdapUsers } from './ldap_users.js';

export function createDriver({ conf, domainId }: DriverContext): IdentityDriver {
  return createLdapDriver(conf, domainId ?? conf.identity.default_domain_id);
}

/**
 * A driver for one domain. Nothing is connected before it is asked for something.
 * @param conf of which `[ldap]` counts: the main configuration or that of a domain
 * @param domainId of all users and groups
 * @throws LdapOptionError naming the option
 */
export function createLdapDriver(conf: Pick<Conf, 'ldap'>, domainId: string): IdentityDriver {
  const options = conf.ldap;
  const directory = new LdapDirectory(options);
  const userPart = userMapping(options);
  const groupPart = groupMapping(options);
  const enabledGroup = options.user_enabled_emulation ? new EnabledGroup(directory, options) : null;
  const users = new LdapUsers(directory, userPart, enabledGroup, options, domainId);
  const groups = new LdapGroups(directory, groupPart, users, options, domainId);
  users.onDelete((entry) => groups.removeEverywhere(entry));
  return {
    traits: { isDomainAware: false, generatesUuids: false, isSql: false },
    users,
    groups,
    passwords: new LdapPasswords(directory, users, options),
    close: () => directory.close(),
  };
}
