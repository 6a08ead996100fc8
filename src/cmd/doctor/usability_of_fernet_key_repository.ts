import { accessProblem, tokenRepository } from './key_repositories.js';
import type { Symptom } from './symptom.js';

export const usabilityOfTokenKeys: Symptom = {
  name: 'usability_of_Fernet_key_repository',
  what: 'The keys of tokens cannot be reached.',
  why: 'Without them no token can be issued or checked.',
  advice:
    'Run keystone-manage fernet_setup with --keystone-user and --keystone-group of the service, and run the doctor as that user.',
  look: ({ conf }) => accessProblem(tokenRepository(conf)),
};
