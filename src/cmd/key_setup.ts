/** What `fernet_setup` and `credential_setup` have in common. */
import { setupKeys } from '../common/crypto/key_rotation.js';
import type { CommandContext } from './command.js';
import { keyOwner, type OwnerOptions } from './key_owner.js';

/** Create a key repository, unless it has keys. */
export async function setUpRepository(
  { output }: CommandContext,
  repository: { readonly path: string; readonly maxActiveKeys: number },
  options: OwnerOptions,
): Promise<void> {
  const owner = await keyOwner(options);
  const { path, maxActiveKeys } = repository;
  const created = await setupKeys(path, { maxActiveKeys, ...(owner && { owner }) });
  output.line(
    created
      ? `Created keys 0 (staged) and 1 (primary) in ${path}`
      : `${path} has keys already: nothing was changed`,
  );
}
