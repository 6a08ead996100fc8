import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { expect } from 'chai';
import { COMMANDS } from '../../../src/cmd/commands.js';
import { createSandbox, type Sandbox } from './support.js';

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

describe('keystone-manage completion', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await createSandbox();
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { status, out } = await sandbox.run('completion', shell);
      expect(status).to.equal(0);
      await sandbox.file(`script.${shell}`, out);
    }
    await sandbox.file('keystone.conf', '');
    await mkdir(sandbox.path('conf.d'));
  });
  after(() => sandbox.remove());

  it('exits with 2 for another shell', async () => {
    expect((await sandbox.run('completion', 'cmd.exe')).status).to.equal(2);
  });

  describe('in bash', () => {
    /** What bash offers for the last of the words. */
    function offers(...words: string[]): string[] {
      const line = ['keystone-manage', ...words];
      const script = `
source ${sandbox.path('script.bash')}
COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
$(complete -p keystone-manage | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
printf '%s\\n' "\${COMPREPLY[@]}"`;
      const text = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: sandbox.folder });
      return text.split('\n').filter((word) => word !== '');
    }

    it('offers every command and the options before it', () => {
      const names = COMMANDS.map(({ group, name }) => group ?? name);
      expect(offers('')).to.include.members(names).and.to.include('--config-file');
      expect(offers('fernet')).to.have.members(['fernet_setup', 'fernet_rotate']);
      expect(offers('--no')).to.include('--nodebug').and.to.not.include('--json');
    });

    it('offers the commands of a group', () => {
      expect(offers('pipeline', 'c')).to.deep.equal(['check']);
    });

    it('offers the options of a command, also behind global options with values', () => {
      expect(offers('db_sync', '--ex')).to.include('--expand');
      expect(offers('--config-file', 'db_sync', 'pipeline', 'show', '--fo')).to.deep.equal(['--format']);
      expect(offers('--config-file', '=', 'x', 'bootstrap', '--bootstrap-pa')).to.deep.equal([
        '--bootstrap-password',
      ]);
    });

    it('offers the values of an option, and files where it names one', () => {
      expect(offers('pipeline', 'show', '--format', '')).to.have.members(['text', 'json', 'mermaid']);
      expect(offers('pipeline', 'show', '--format', '=')).to.have.members(['text', 'json', 'mermaid']);
      expect(offers('pipeline', 'show', '--format', '=', 'm')).to.deep.equal(['mermaid']);
      expect(offers('--config-file', 'key')).to.deep.equal(['keystone.conf']);
      expect(offers('--config-dir', '')).to.deep.equal(['conf.d']);
      expect(offers('bootstrap', '--bootstrap-username', '')).to.deep.equal([]);
    });

    it('offers the values of an argument', () => {
      expect(offers('completion', '')).to.include.members(['bash', 'zsh', 'fish']);
    });
  });

  for (const shell of ['zsh', 'fish']) {
    it(`is a script that ${shell} can read, where it is installed`, () => {
      if (isThere(shell)) execFileSync(shell, ['-n', sandbox.path(`script.${shell}`)]);
      const text = execFileSync('cat', [sandbox.path(`script.${shell}`)], { encoding: 'utf8' });
      for (const { name } of COMMANDS) expect(text).to.contain(name);
    });
  }
});
