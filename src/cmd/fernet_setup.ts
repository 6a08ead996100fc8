import type { ManageCommand } from './command.js';
import { declareOwnerOptions, type OwnerOptions } from './key_owner.js';
import { setUpRepository } from './key_setup.js';

export const fernetSetup: ManageCommand = {
  name: 'fernet_setup',
  summary: 'create the keys of Fernet tokens',
  details:
    'Create the repository of [fernet_tokens] key_repository (mode 0700) with its first keys. Does nothing when there' +
    ' are keys already. All nodes need the same keys: copy them, and rotate them in one place.',
  examples: [
    [
      'fernet_setup --keystone-user keystone --keystone-group keystone',
      'as root, for a service that runs as keystone',
    ],
    ['--config-file ./keystone.conf fernet_setup', 'as the user that runs the service'],
  ],
  configure(command, run) {
    declareOwnerOptions(command).action((options: OwnerOptions) =>
      run(async (context) => {
        const { key_repository: path, max_active_keys: maxActiveKeys } =
          context.loadConf().conf.fernet_tokens;
        await setUpRepository(context, { path, maxActiveKeys }, options);
      }),
    );
  },
};
