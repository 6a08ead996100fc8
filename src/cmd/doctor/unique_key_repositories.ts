import { resolve } from 'node:path';
import { foundIf, type Symptom } from './symptom.js';

export const uniqueKeyRepositories: Symptom = {
  name: 'unique_key_repositories',
  what: 'Tokens and credentials are encrypted with the same keys.',
  why: 'They are rotated at different times: a rotation of token keys would in the end remove the keys that stored credentials need.',
  advice:
    'Give [credential] key_repository and [fernet_tokens] key_repository different folders, and run credential_setup and credential_migrate.',
  look: ({ conf: { credential, fernet_tokens: tokens } }) =>
    foundIf(
      resolve(credential.key_repository) === resolve(tokens.key_repository),
      `both are ${tokens.key_repository}`,
    ),
};
