import { configuredSecrets } from '../../server/configured_secrets.js';
import { openTo } from './permissions.js';
import type { Symptom } from './symptom.js';

export const worldReadableConfiguration: Symptom = {
  name: 'world_readable_configuration',
  what: 'A configuration file with secrets can be read by every user of this machine.',
  why: 'It holds the password of the database, and often those of directories and brokers.',
  advice: 'chmod 640 the file, with the group of the service.',
  look: ({ loaded, conf }) =>
    configuredSecrets(loaded).length === 0 && conf.ldap.password === null ? [] : openTo(loaded.files, 0o004),
};
