/** `--keystone-user` and `--keystone-group`: who key files are to belong to. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import type { KeyOwner } from '../common/crypto/key_rotation.js';
import { CommandError, EXIT } from './command.js';

export interface OwnerOptions {
  readonly keystoneUser?: string;
  readonly keystoneGroup?: string;
}

type Database = 'passwd' | 'group';

const run = promisify(execFile);

/** Declare the two options. */
export function declareOwnerOptions(command: Command): Command {
  return command
    .option('--keystone-user <user>', 'user that the keys belong to: the one that the service runs as')
    .option('--keystone-group <group>', 'group that the keys belong to');
}

/** Third field of the line that a name has in /etc/passwd or /etc/group. */
function idIn(lines: string, name: string): number | null {
  const fields = lines
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name);
  const id = fields?.[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : null;
}

/** The number of a user or group, which may live in a directory service. A number is taken as it is. */
async function lookUp(database: Database, name: string): Promise<number | null> {
  if (/^\d+$/.test(name)) return Number(name);
  const own = idIn(await readFile(`/etc/${database}`, 'utf8').catch(() => ''), name);
  if (own !== null) return own;
  return run('getent', [database, name]).then(
    ({ stdout }) => idIn(stdout, name),
    () => null,
  );
}

/**
 * The owner that the options name. Root must name one: keys that belong to root are of no use to the service.
 *
 * @returns undefined when files are to belong to whoever runs the command
 * @throws CommandError
 */
export async function keyOwner(
  { keystoneUser, keystoneGroup }: OwnerOptions,
  effectiveUser: number | undefined = process.geteuid?.(),
): Promise<KeyOwner | undefined> {
  const missing = [
    ...(keystoneUser === undefined ? ['--keystone-user'] : []),
    ...(keystoneGroup === undefined ? ['--keystone-group'] : []),
  ];
  if (effectiveUser === 0 && missing.length > 0) {
    throw new CommandError(
      `${missing.join(' and ')} must be given when root runs this command: name the user and group that the service` +
        ' runs as, or it could not read the keys',
      { exitCode: EXIT.usage },
    );
  }
  const uid = keystoneUser === undefined ? undefined : await lookUp('passwd', keystoneUser);
  const gid = keystoneGroup === undefined ? undefined : await lookUp('group', keystoneGroup);
  if (uid === null) throw new CommandError(`Unknown user '${keystoneUser}' in --keystone-user`);
  if (gid === null) throw new CommandError(`Unknown group '${keystoneGroup}' in --keystone-group`);
  if (uid === undefined && gid === undefined) return undefined;
  if (uid === undefined || gid === undefined) {
    throw new CommandError('--keystone-user and --keystone-group must be given together', {
      exitCode: EXIT.usage,
    });
  }
  return { uid, gid };
}
