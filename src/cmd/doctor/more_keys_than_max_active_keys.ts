import { readKeyFiles } from '../../common/crypto/key_files.js';
import { tokenRepository } from './key_repositories.js';
import { foundIf, type Symptom } from './symptom.js';

export const moreKeysThanMax: Symptom = {
  name: 'more_keys_than_max_active_keys',
  what: 'There are more keys of tokens than are meant to be active.',
  why: 'Old keys still decrypt tokens: who has one of them can go on making tokens.',
  advice:
    'Run keystone-manage fernet_rotate, which drops the oldest, or raise [fernet_tokens] max_active_keys.',
  async look({ conf }) {
    const repository = tokenRepository(conf);
    if (repository === null) return [];
    const files = (await readKeyFiles(repository.path).catch(() => null))?.files ?? [];
    const most = conf.fernet_tokens.max_active_keys;
    return foundIf(
      files.length > most,
      `${repository.path} has ${files.length} keys, max_active_keys is ${most}`,
    );
  },
};
