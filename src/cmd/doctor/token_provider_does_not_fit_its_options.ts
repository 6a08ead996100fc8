import { modeOf } from './permissions.js';
import type { Symptom } from './symptom.js';
import { keepsNoTokens, signsTokens } from './token_kinds.js';

export const tokenProviderMismatch: Symptom = {
  name: 'token_provider_does_not_fit_its_options',
  what: 'The kind of tokens and other options of tokens do not go together.',
  why: 'What was meant does not happen: options are without effect, or tokens cannot be issued.',
  advice: 'Bring the options in line with [token] provider, or take out what has no effect.',
  async look({ loaded, conf: { token, signing, auth } }) {
    const findings: string[] = [];
    const { provider } = token;
    if (keepsNoTokens(provider) && loaded.origin('token', 'driver') !== 'default') {
      findings.push(`[token] driver = ${token.driver} has no effect: tokens of ${provider} are kept nowhere`);
    }
    if (signsTokens(provider)) {
      for (const path of [signing.certfile, signing.keyfile]) {
        if ((await modeOf(path)) === null)
          findings.push(`${path}, which ${provider} tokens need, cannot be found`);
      }
    }
    if (token.bind.includes('kerberos') && !auth.methods.includes('external')) {
      findings.push('[token] bind = kerberos needs external among [auth] methods');
    }
    return findings;
  },
};
