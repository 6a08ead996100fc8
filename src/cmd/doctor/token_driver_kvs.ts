import { foundIf, type Symptom } from './symptom.js';
import { keepsNoTokens } from './token_kinds.js';

export const tokenDriverKvs: Symptom = {
  name: 'token_driver_kvs',
  what: 'Tokens are kept in the memory of one process.',
  why: 'A second process, and this one after a restart, knows none of them. The service starts as a single process only.',
  advice: 'Set [token] driver to sql or memcache, or use provider = fernet, which keeps no tokens.',
  look: ({ conf: { token } }) =>
    foundIf(token.driver === 'kvs' && !keepsNoTokens(token.provider), '[token] driver is kvs'),
};
