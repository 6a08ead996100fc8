import type { Symptom } from './symptom.js';

/** Whether one of the servers is on another machine and spoken to by plain LDAP. */
function remoteInClear(urls: string): boolean {
  return urls
    .split(',')
    .map((url) => url.trim())
    .some((url) => /^ldap:/i.test(url) && !/^ldap:\/\/(?:localhost|127\.|\[::1\])/i.test(url));
}

export const ldapPasswordInClear: Symptom = {
  name: 'LDAP_password_in_clear',
  what: 'Passwords go to the directory unencrypted.',
  why: 'Everybody on the way reads the passwords of all users and of the service.',
  advice: 'Use ldaps:// in [ldap] url, or set use_tls = true, with tls_cacertfile.',
  look: ({ directories }) =>
    directories
      .filter(({ options }) => !options.use_tls && remoteInClear(options.url))
      .map(({ name }) => `${name}: the connection is not encrypted`),
};
