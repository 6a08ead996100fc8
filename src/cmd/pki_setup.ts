import { lchown, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeCertificates, SubjectError } from '../common/crypto/cms/make_certificates.js';
import type { KeyOwner } from '../common/crypto/key_rotation.js';
import type { Conf } from '../conf/index.js';
import { CommandError, type ManageCommand } from './command.js';
import { declareOwnerOptions, keyOwner, type OwnerOptions } from './key_owner.js';

interface Options extends OwnerOptions {
  readonly rebuild?: true;
}

type FileOption = 'ca_key' | 'ca_certs' | 'keyfile' | 'certfile';

interface PlannedFile {
  readonly option: FileOption;
  readonly path: string;
  readonly text: string;
  readonly secret: boolean;
}

const FILES: readonly FileOption[] = ['ca_key', 'ca_certs', 'keyfile', 'certfile'];

export const pkiSetup: ManageCommand = {
  name: 'pki_setup',
  summary: 'create the key and certificates of pki and pkiz tokens',
  details:
    'Create a certificate authority ([signing] ca_key and ca_certs) and the key and certificate that tokens and' +
    ' lists of revoked tokens are signed with (keyfile and certfile), by key_size, valid_days and cert_subject. Does' +
    ' nothing when any of the files is there. All nodes need the same files; a service that runs takes' +
    ' up new ones by itself. Not needed with a certificate of an authority of your own, nor for other tokens.',
  examples: [
    [
      'pki_setup --keystone-user keystone --keystone-group keystone',
      'as root, for a service that runs as keystone',
    ],
    ['--config-file ./keystone.conf pki_setup', 'as the user that runs the service'],
    [
      'pki_setup --rebuild --keystone-user keystone --keystone-group keystone',
      'in place of the ones that there are: services that check tokens themselves need the new certificates',
    ],
  ],
  configure(command, run) {
    declareOwnerOptions(command)
      .option('--rebuild', 'replace the files that there are, the authority included')
      .action((options: Options) =>
        run(async ({ loadConf, output }) => {
          const { signing } = loadConf().conf;
          const owner = await keyOwner(options);
          assertDistinct(signing);
          const existing = await existingFiles(signing);
          if (existing.length > 0 && options.rebuild !== true) {
            for (const path of existing) output.line(`${path} is there already`);
            output.line('Nothing was changed; --rebuild replaces all of the files');
            return;
          }
          const files = await planFiles(signing);
          try {
            // What can go wrong goes wrong before the first file is in its place.
            for (const file of files) await orSay(file, () => prepare(file, owner));
            for (const file of files) {
              await orSay(file, () => rename(unfinished(file), file.path));
              output.line(`Created ${file.path} ([signing] ${file.option})`);
            }
          } finally {
            for (const file of files) await rm(unfinished(file), { force: true }).catch(() => undefined);
          }
        }),
      );
  },
};

function assertDistinct(signing: Conf['signing']): void {
  const seen = new Map<string, FileOption>();
  for (const option of FILES) {
    const other = seen.get(signing[option]);
    if (other !== undefined) {
      throw new CommandError(`[signing] ${other} and ${option} name the same file, ${signing[option]}`);
    }
    seen.set(signing[option], option);
  }
}

async function existingFiles(signing: Conf['signing']): Promise<string[]> {
  const found: string[] = [];
  for (const option of FILES) {
    const path = signing[option];
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isThere) found.push(path);
  }
  return found;
}

async function planFiles(signing: Conf['signing']): Promise<PlannedFile[]> {
  try {
    const made = await makeCertificates({
      subject: signing.cert_subject,
      validDays: signing.valid_days,
      keySize: signing.key_size,
    });
    const file = (option: FileOption, text: string, secret: boolean): PlannedFile => ({
      option,
      path: signing[option],
      text,
      secret,
    });
    return [
      file('ca_key', made.caKey, true),
      file('ca_certs', made.caCertificate, false),
      file('keyfile', made.key, true),
      file('certfile', made.certificate, false),
    ];
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    throw new CommandError(`[signing] cert_subject: ${error.message}`, { cause: error });
  }
}

/** Where a file lies until it is whole. */
function unfinished({ path }: PlannedFile): string {
  return `${path}.${process.pid}.tmp`;
}

async function prepare(file: PlannedFile, owner: KeyOwner | undefined): Promise<void> {
  const { path, text, secret } = file;
  await makeFolder(dirname(path), secret ? 0o750 : 0o755, owner);
  const handle = await open(unfinished(file), 'wx', secret ? 0o600 : 0o644);
  try {
    await handle.chmod(secret ? 0o600 : 0o644);
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orSay({ option, path }: PlannedFile, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(`[signing] ${option} = ${path} cannot be written (${code})`, { cause: error });
  }
}

async function makeFolder(path: string, mode: number, owner: KeyOwner | undefined): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await makeFolder(dirname(path), 0o755, owner);
  await mkdir(path, { mode });
  // Not `chown`: whoever owns the folder above may have put a link in its place, which root must not follow.
  if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
}
