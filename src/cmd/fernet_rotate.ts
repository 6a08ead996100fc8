import { rotateKeys } from '../common/crypto/key_rotation.js';
import type { ManageCommand } from './command.js';
import { declareOwnerOptions, keyOwner, type OwnerOptions } from './key_owner.js';

export const fernetRotate: ManageCommand = {
  name: 'fernet_rotate',
  summary: 'rotate the keys of Fernet tokens',
  details:
    'Make the staged key the primary one, stage a new key, and remove the oldest keys beyond [fernet_tokens]' +
    ' max_active_keys. Running services notice it within seconds. Tokens under a removed key stop working: rotate no' +
    ' more often than [token] expiration divided by (max_active_keys - 2), and bring the keys to all other nodes' +
    ' before the next rotation.',
  examples: [['fernet_rotate --keystone-user keystone --keystone-group keystone', 'from a cron job of root']],
  configure(command, run) {
    declareOwnerOptions(command).action((options: OwnerOptions) =>
      run(async ({ loadConf, output }) => {
        const { key_repository: path, max_active_keys: maxActiveKeys } = loadConf().conf.fernet_tokens;
        const owner = await keyOwner(options);
        const { primary, removed } = await rotateKeys(path, { maxActiveKeys, ...(owner && { owner }) });
        const gone = removed.length === 0 ? 'no key was removed' : `removed: ${removed.join(', ')}`;
        output.line(`Key ${primary} of ${path} is primary now; ${gone}`);
      }),
    );
  },
};
