import { rotateKeys } from '../common/crypto/key_rotation.js';
import { peersWithout, stagedKey } from '../common/crypto/staged_key.js';
import type { Output } from '../server/output.js';
import { CommandError, type ManageCommand } from './command.js';
import { declareOwnerOptions, keyOwner, type OwnerOptions } from './key_owner.js';

interface RotateOptions extends OwnerOptions {
  readonly peer: readonly string[];
  readonly force?: true;
}

/** Milliseconds within which a staged key has hardly been brought to the other nodes. */
const YOUNG = 10 * 60_000;

/**
 * Warn when the key that is about to encrypt may not be on the other nodes, which would then refuse new tokens.
 * @throws CommandError when a node says that it does not have it
 */
async function lookAtPeers(directory: string, { peer, force }: RotateOptions, output: Output): Promise<void> {
  const staged = await stagedKey(directory);
  if (staged === null) return;
  if (peer.length === 0) {
    if (staged.age >= YOUNG) return;
    const minutes = Math.max(0, Math.floor(staged.age / 60_000));
    output.note(
      `warning: the staged key ${staged.fingerprint} of ${directory} is ${minutes} min old. A node that does not have` +
        ' it yet refuses new tokens from now on: bring the keys to all nodes. With --peer the nodes are asked',
    );
    return;
  }
  const problems = await peersWithout(staged.fingerprint, peer);
  const lacking = problems.filter(({ lacks }) => lacks);
  if (lacking.length > 0 && force !== true) {
    const names = lacking.map((problem) => problem.peer).join(', ');
    throw new CommandError(
      `${names}: the staged key ${staged.fingerprint} of ${directory} is not there: new tokens would be refused.` +
        ' Bring the keys to all nodes first (--force rotates in spite of it). Nothing was changed',
    );
  }
  for (const { peer: name, problem } of problems) output.note(`warning: ${name}: ${problem}`);
}

export const fernetRotate: ManageCommand = {
  name: 'fernet_rotate',
  summary: 'rotate the keys of Fernet tokens',
  details:
    'Make the staged key the primary one, stage a new key, and remove the oldest keys beyond [fernet_tokens]' +
    ' max_active_keys. Running services notice it within seconds. Tokens under a removed key stop working: rotate no' +
    ' more often than [token] expiration divided by (max_active_keys - 2), and bring the keys to all other nodes' +
    ' before the next rotation. It warns when the staged key is so new that it may not be there; with --peer it asks' +
    ' the nodes, by the fingerprints in their health documents, and changes nothing when one does not have it.',
  examples: [
    ['fernet_rotate --keystone-user keystone --keystone-group keystone', 'from a cron job of root'],
    ['fernet_rotate --peer http://node2:5000 --peer http://node3:5000', 'asks the other nodes first'],
  ],
  configure(command, run) {
    declareOwnerOptions(command)
      .option(
        '--peer <url>',
        'another node, asked for its keys first; can be repeated',
        (url: string, before: readonly string[]) => [...before, url],
        [],
      )
      .option('--force', 'rotate although a node does not have the staged key')
      .action((options: RotateOptions) =>
        run(async ({ loadConf, output }) => {
          const { key_repository: path, max_active_keys: maxActiveKeys } = loadConf().conf.fernet_tokens;
          const owner = await keyOwner(options);
          await lookAtPeers(path, options, output);
          const { primary, removed } = await rotateKeys(path, { maxActiveKeys, ...(owner && { owner }) });
          const gone = removed.length === 0 ? 'no key was removed' : `removed: ${removed.join(', ')}`;
          if (removed.includes(primary)) {
            output.line(`Key 0 of ${path} is the only one now; ${gone}`);
            output.note(
              'warning: with [fernet_tokens] max_active_keys = 1 no token of before can be read any more; the default, ' +
                '3, keeps the key before',
            );
            return;
          }
          output.line(`Key ${primary} of ${path} is primary now; ${gone}`);
        }),
      );
  },
};
