import { connectionProblem } from './reachability.js';
import type { Symptom } from './symptom.js';

export const ldapIsNotReachable: Symptom = {
  name: 'LDAP_is_not_reachable',
  what: 'A directory server takes no connections.',
  why: 'Users of its domain cannot sign in, unless another server of the list answers.',
  advice: 'Start it, correct [ldap] url, or look at the way there; keystone-manage ldap_check looks closer.',
  async look({ directories }) {
    const findings: string[] = [];
    for (const { name, options } of directories) {
      for (const text of options.url.split(',').map((url) => url.trim())) {
        if (!URL.canParse(text)) continue;
        const url = new URL(text);
        if (url.hostname === '') continue;
        const port = url.port === '' ? (url.protocol === 'ldaps:' ? 636 : 389) : Number(url.port);
        const problem = await connectionProblem(url.hostname.replace(/^\[|\]$/g, ''), port);
        if (problem !== null) findings.push(`${name}: ${url.host}: ${problem}`);
      }
    }
    return findings;
  },
};
