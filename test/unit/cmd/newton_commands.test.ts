import { expect } from 'chai';
import { Command } from 'commander';
import type { ManageCommand } from '../../../src/cmd/command.js';
import { COMMANDS } from '../../../src/cmd/commands.js';
import { GlobalOptions } from '../../../src/server/global_options.js';

const OWNER = ['--keystone-user', '--keystone-group'];

/** The commands of Newton's keystone-manage with their options; positional arguments without dashes. */
const NEWTON: Readonly<Record<string, readonly string[]>> = {
  bootstrap: [
    '--bootstrap-username',
    '--bootstrap-password',
    '--bootstrap-project-name',
    '--bootstrap-role-name',
    '--bootstrap-service-name',
    '--bootstrap-admin-url',
    '--bootstrap-public-url',
    '--bootstrap-internal-url',
    '--bootstrap-region-id',
  ],
  credential_migrate: OWNER,
  credential_rotate: OWNER,
  credential_setup: OWNER,
  db_sync: ['version', '--extension', '--expand', '--migrate', '--contract'],
  db_version: ['--extension'],
  doctor: [],
  domain_config_upload: ['--all', '--domain-name'],
  fernet_rotate: OWNER,
  fernet_setup: OWNER,
  mapping_populate: ['--domain-name'],
  mapping_purge: ['--all', '--domain-name', '--public-id', '--local-id', '--type'],
  pki_setup: [...OWNER, '--rebuild'],
  token_flush: [],
};

/** What a command takes, also what its help does not show. */
function takes(declared: ManageCommand): readonly string[] {
  const command = new Command(declared.name);
  declared.configure(command, () => Promise.resolve());
  return [
    ...command.options.flatMap(({ long, short }) => [long, short]),
    ...command.registeredArguments.map((argument) => argument.name()),
  ].filter((name) => typeof name === 'string');
}

describe('scripts written for the keystone-manage of Newton', () => {
  for (const [name, options] of Object.entries(NEWTON)) {
    it(`find ${name} with its options`, () => {
      const declared = COMMANDS.find((command) => command.name === name && command.group === undefined);
      expect(declared, name).to.not.equal(undefined);
      if (declared !== undefined) expect(takes(declared)).to.include.members([...options]);
    });
  }

  it('find the options that stand before every command', () => {
    const command = new Command();
    new GlobalOptions().declare(command);
    expect(command.options.map(({ long }) => long)).to.include.members([
      '--config-file',
      '--config-dir',
      '--debug',
      '--nodebug',
      '--log-config-append',
      '--log-date-format',
      '--log-dir',
      '--log-file',
      '--syslog-log-facility',
      '--use-syslog',
      '--nouse-syslog',
      '--verbose',
      '--standard-threads',
      '--pydev-debug-host',
      '--pydev-debug-port',
    ]);
  });
});
