import { foundIf, type Symptom } from './symptom.js';

export const insecureDebug: Symptom = {
  name: 'insecure_debug',
  what: 'Clients are told why they are refused.',
  why: 'Attackers learn whether a user exists and which part of a sign-in was wrong.',
  advice: 'Set [DEFAULT] insecure_debug = false; the log has the reasons.',
  look: ({ conf: { DEFAULT } }) => foundIf(DEFAULT.insecure_debug, '[DEFAULT] insecure_debug is true'),
};
