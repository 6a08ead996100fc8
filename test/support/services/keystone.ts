/** Debian's real Keystone (release 22, Zed): its administration command on a database of the test. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './processes.js';

export interface RealKeystone {
  /** Runs `keystone-manage`. @returns its output @throws Error with the log when it fails */
  manage(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/**
 * A configuration of its own for the real Keystone. Skips the caller's tests when it is not installed.
 * @param connection SQLAlchemy URL; Keystone 22 does not cope with a percent sign in it
 */
export async function useKeystone(context: Mocha.Context, connection: string): Promise<RealKeystone> {
  const program = findProgram('keystone-manage');
  if (program === null) {
    if (process.env['REQUIRE_SERVICES'] === '1')
      throw new Error('keystone-manage not found (package keystone)');
    context.skip();
  }
  const folder = await mkdtemp(join(tmpdir(), 'keystone-real-'));
  const conf = join(folder, 'keystone.conf');
  const keys = join(folder, 'keys');
  await mkdir(keys);
  for (const key of ['0', '1'])
    await writeFile(join(keys, key), randomBytes(32).toString('base64url').padEnd(44, '='));
  const sections = {
    DEFAULT: `log_file = ${join(folder, 'log')}`,
    database: `connection = ${connection}`,
    ...Object.fromEntries(
      ['fernet_tokens', 'fernet_receipts', 'credential'].map((section) => [
        section,
        `key_repository = ${keys}`,
      ]),
    ),
  };
  await writeFile(
    conf,
    Object.entries(sections)
      .map(([name, line]) => `[${name}]\n${line}\n`)
      .join(''),
  );
  return {
    manage: (...args) =>
      new Promise((resolve, reject) => {
        const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C.UTF-8', HOME: folder };
        execFile(program, ['--config-file', conf, ...args], { cwd: folder, env }, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`keystone-manage ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`));
        });
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
