import { repositoriesInUse } from './key_repositories.js';
import { openTo, withContents } from './permissions.js';
import type { Symptom } from './symptom.js';

export const worldReadableKeys: Symptom = {
  name: 'world_readable_keys',
  what: 'Keys can be read by every user of this machine.',
  why: 'Whoever has them can make tokens for anybody, or read stored credentials.',
  advice:
    'chmod 700 the folders and 600 the key files; rotate the keys often enough that the exposed ones go.',
  async look({ conf }) {
    const paths = await Promise.all(repositoriesInUse(conf).map(({ path }) => withContents(path)));
    return await openTo(paths.flat(), 0o007);
  },
};
