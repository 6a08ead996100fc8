import type { LoadedConf } from '../../conf/index.js';
import { configuredSecrets } from '../../server/configured_secrets.js';
import { openTo } from './permissions.js';
import type { Symptom } from './symptom.js';

const hasSecrets = (loaded: LoadedConf): boolean =>
  configuredSecrets(loaded).length > 0 || loaded.conf.ldap.password !== null;

export const worldReadableConfiguration: Symptom = {
  name: 'world_readable_configuration',
  what: 'A configuration file with secrets can be read by every user of this machine.',
  why: 'It holds the password of the database, and often those of directories and brokers.',
  advice: 'chmod 640 the file, with the group of the service.',
  look: ({ loaded, domainFiles }) => {
    const main = hasSecrets(loaded) ? loaded.files : [];
    const ofDomains = domainFiles.loaded.filter(({ conf }) => hasSecrets(conf)).map(({ file }) => file);
    return openTo([...main, ...ofDomains], 0o004);
  },
};
