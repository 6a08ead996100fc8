/** Which drivers that keep things in a directory go together. */
import type { LoadedConf } from '../conf/index.js';

const TOGETHER = ['resource', 'assignment', 'role'] as const;

/**
 * Roles on projects are kept as entries beneath the projects, with users and groups by their names in the directory:
 * the four parts have to be in one.
 * @throws Error naming the options
 */
export function checkDirectoryDrivers({ conf }: Pick<LoadedConf, 'conf'>): void {
  const inDirectory = TOGETHER.filter((section) => conf[section].driver === 'ldap');
  if (inDirectory.length === 0) return;
  const names = inDirectory.map((section) => `[${section}]`).join(', ');
  const refuse = (why: string): never => {
    throw new Error(`driver = ldap in ${names}: ${why}`);
  };
  if (conf.identity.driver !== 'ldap') refuse('[identity] driver must be ldap too');
  const missing = TOGETHER.filter((section) => !inDirectory.includes(section));
  if (missing.length > 0) {
    refuse(`so must be ${missing.map((section) => `[${section}] driver`).join(' and ')}, or none of them`);
  }
  if (conf.identity.domain_specific_drivers_enabled) {
    refuse('[identity] domain_specific_drivers_enabled is not possible with it');
  }
  if (!conf.identity_mapping.backward_compatible_ids) {
    refuse('[identity_mapping] backward_compatible_ids must be true: the directory knows no other ids');
  }
}
