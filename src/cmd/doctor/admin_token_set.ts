import { foundIf, type Symptom } from './symptom.js';

export const adminTokenSet: Symptom = {
  name: 'admin_token_set',
  what: 'There is a shared secret that passes every check.',
  why: 'It never expires, belongs to nobody and leaves no trace of who used it.',
  advice:
    'Take [DEFAULT] admin_token out, and admin_token_auth out of the paste file; keystone-manage bootstrap makes the first user.',
  look: ({ conf: { DEFAULT } }) =>
    foundIf((DEFAULT.admin_token ?? '') !== '', '[DEFAULT] admin_token is set'),
};
