import { keysMissing, tokenRepository } from './key_repositories.js';
import type { Symptom } from './symptom.js';

export const keysOfTokens: Symptom = {
  name: 'keys_in_Fernet_key_repository',
  what: 'There are no keys of tokens.',
  why: 'No token can be issued or checked.',
  advice: 'Run keystone-manage fernet_setup, or copy the keys of another node.',
  look: ({ conf }) => keysMissing(tokenRepository(conf)),
};
