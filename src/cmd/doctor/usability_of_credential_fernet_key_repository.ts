import { accessProblem, credentialRepository } from './key_repositories.js';
import type { Symptom } from './symptom.js';

export const usabilityOfCredentialKeys: Symptom = {
  name: 'usability_of_credential_fernet_key_repository',
  what: 'The keys of credentials cannot be reached.',
  why: 'Without them no stored credential can be read or written.',
  advice:
    'Run keystone-manage credential_setup with --keystone-user and --keystone-group of the service, and run the doctor as that user.',
  look: ({ conf }) => accessProblem(credentialRepository(conf)),
};
