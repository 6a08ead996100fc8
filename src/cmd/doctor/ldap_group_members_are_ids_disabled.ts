import type { Symptom } from './symptom.js';

export const groupMembersAreIdsDisabled: Symptom = {
  name: 'LDAP_group_members_are_ids_disabled',
  what: 'Groups of class posixGroup name their members by id, but ids are not expected.',
  why: 'Groups then seem to have no members, and roles that they have are lost.',
  advice: 'Set [ldap] group_members_are_ids = true.',
  look: ({ directories }) =>
    directories
      .filter(({ options }) => options.group_objectclass === 'posixGroup' && !options.group_members_are_ids)
      .map(({ name }) => `${name}: group_objectclass is posixGroup`),
};
