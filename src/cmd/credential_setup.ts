import type { ManageCommand } from './command.js';
import { declareOwnerOptions, type OwnerOptions } from './key_owner.js';
import { setUpRepository } from './key_setup.js';

/** Credentials are encrypted anew after each rotation: more keys than these never mean anything. */
export const MAX_ACTIVE_KEYS = 3;

export const credentialSetup: ManageCommand = {
  name: 'credential_setup',
  summary: 'create the keys that encrypt stored credentials',
  details:
    'Create the repository of [credential] key_repository (mode 0700) with its first keys. Does nothing when there are' +
    ' keys already. Keep a copy of these keys: without them stored credentials cannot be read any more.',
  examples: [
    [
      'credential_setup --keystone-user keystone --keystone-group keystone',
      'as root, for a service that runs as keystone',
    ],
  ],
  configure(command, run) {
    declareOwnerOptions(command).action((options: OwnerOptions) =>
      run(async (context) => {
        const { key_repository: path } = context.loadConf().conf.credential;
        await setUpRepository(context, { path, maxActiveKeys: MAX_ACTIVE_KEYS }, options);
      }),
    );
  },
};
