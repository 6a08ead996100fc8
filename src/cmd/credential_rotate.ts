import { rotateKeys } from '../common/crypto/key_rotation.js';
import { CommandError, type ManageCommand } from './command.js';
import { MAX_ACTIVE_KEYS } from './credential_setup.js';
import { withCredentialStore } from './credential_store.js';
import { declareOwnerOptions, keyOwner, type OwnerOptions } from './key_owner.js';

export const credentialRotate: ManageCommand = {
  name: 'credential_rotate',
  summary: 'rotate the keys that encrypt stored credentials',
  details:
    'Make the staged key of [credential] key_repository the primary one and stage a new key. Refused while stored' +
    ' credentials need an older key: run credential_migrate first. Afterwards bring the keys to all other nodes and' +
    ' run credential_migrate, so that the next rotation removes no key that is needed.',
  examples: [['credential_rotate --keystone-user keystone --keystone-group keystone', 'as root']],
  configure(command, run) {
    declareOwnerOptions(command).action((options: OwnerOptions) =>
      run(async ({ loadConf, output }) => {
        const loaded = loadConf();
        const owner = await keyOwner(options);
        const waiting = await withCredentialStore(loaded, (store) => store.countUnderOldKeys());
        if (waiting > 0) {
          throw new CommandError(
            `${waiting} credential(s) are encrypted with another key than the primary one: run keystone-manage` +
              ' credential_migrate first, or the rotation could make them unreadable',
          );
        }
        const { key_repository: path } = loaded.conf.credential;
        const { primary, removed } = await rotateKeys(path, {
          maxActiveKeys: MAX_ACTIVE_KEYS,
          ...(owner && { owner }),
        });
        const gone = removed.length === 0 ? 'no key was removed' : `removed: ${removed.join(', ')}`;
        output.line(`Key ${primary} of ${path} is primary now; ${gone}`);
        output.note('note: bring the keys to all other nodes, then run keystone-manage credential_migrate');
      }),
    );
  },
};
