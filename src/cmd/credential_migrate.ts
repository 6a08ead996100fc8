import type { ManageCommand } from './command.js';
import { withCredentialStore } from './credential_store.js';
import { declareOwnerOptions, keyOwner, type OwnerOptions } from './key_owner.js';

export const credentialMigrate: ManageCommand = {
  name: 'credential_migrate',
  summary: 'encrypt stored credentials with the primary key',
  details:
    'Encrypt all credentials anew that are under another key than the primary one of [credential] key_repository: after' +
    ' credential_setup, where there were no keys before, and after each credential_rotate, once all nodes have the new' +
    ' keys. Services may run meanwhile; a run that was cut short can be repeated.',
  examples: [['credential_migrate --keystone-user keystone --keystone-group keystone', 'as root']],
  configure(command, run) {
    declareOwnerOptions(command).action((options: OwnerOptions) =>
      run(async ({ loadConf, output }) => {
        // Nothing is written to the repository; the options are checked as those of its sisters are.
        await keyOwner(options);
        await withCredentialStore(loadConf(), async (store) => {
          const total = await store.countUnderOldKeys();
          const done = await store.encryptUnderPrimaryKey((count) =>
            output.note(`${count} of ${total} credentials are done`),
          );
          output.line(
            done === 0
              ? 'All credentials are encrypted with the primary key already'
              : `Encrypted ${done} credential(s) with the primary key`,
          );
        });
      }),
    );
  },
};
