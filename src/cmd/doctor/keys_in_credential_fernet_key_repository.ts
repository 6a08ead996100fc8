import { credentialRepository, keysMissing } from './key_repositories.js';
import type { Symptom } from './symptom.js';

export const keysOfCredentials: Symptom = {
  name: 'keys_in_credential_fernet_key_repository',
  what: 'There are no keys of credentials.',
  why: 'Credentials would be encrypted with the null key, which everybody knows.',
  advice: 'Run keystone-manage credential_setup, or copy the keys of another node.',
  look: ({ conf }) => keysMissing(credentialRepository(conf)),
};
