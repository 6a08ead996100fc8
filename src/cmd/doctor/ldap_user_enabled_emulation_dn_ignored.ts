import type { Symptom } from './symptom.js';

export const emulationDnIgnored: Symptom = {
  name: 'LDAP_user_enabled_emulation_dn_ignored',
  what: 'A group of enabled users is named, but not used.',
  why: 'Whoever is disabled by leaving that group can still sign in.',
  advice: 'Set [ldap] user_enabled_emulation = true, or take user_enabled_emulation_dn out.',
  look: ({ directories }) =>
    directories
      .filter(({ options }) => options.user_enabled_emulation_dn !== null && !options.user_enabled_emulation)
      .map(({ name }) => `${name}: user_enabled_emulation_dn is set`),
};
