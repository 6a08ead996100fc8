import type { Symptom } from './symptom.js';

export const emulationGroupConfigIgnored: Symptom = {
  name: 'LDAP_user_enabled_emulation_use_group_config_ignored',
  what: 'How to read the group of enabled users is set, but that group is not used.',
  why: 'Whoever is disabled by leaving a group can still sign in.',
  advice: 'Set [ldap] user_enabled_emulation = true, or take user_enabled_emulation_use_group_config out.',
  look: ({ directories }) =>
    directories
      .filter(
        ({ options }) => options.user_enabled_emulation_use_group_config && !options.user_enabled_emulation,
      )
      .map(({ name }) => `${name}: user_enabled_emulation_use_group_config is set`),
};
