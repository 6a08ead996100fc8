import { openTo } from './permissions.js';
import type { Symptom } from './symptom.js';

export const signingKeyPermissions: Symptom = {
  name: 'signing_key_permissions',
  what: 'The key that signs tokens can be read by others than its owner.',
  why: 'Whoever has it can make PKI tokens for anybody, which services accept without asking.',
  advice:
    'chmod 600 the files of [signing] keyfile and ca_key, owned by the service, or set 640 and use --keystone-group.',
  look: ({ conf: { signing } }) => openTo([signing.keyfile, signing.ca_key], 0o037),
};
