import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { CommandError, type ManageCommand } from '../../../src/cmd/command.js';
import { COMMANDS, GROUPS } from '../../../src/cmd/commands.js';
import { manage } from '../../../src/cmd/manage.js';
import { createSandbox, type Sandbox } from './support.js';

describe('keystone-manage', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await createSandbox();
  });
  after(() => sandbox.remove());

  it('exits with 2 and names the nearest command for an unknown one', async () => {
    const { status, err } = await sandbox.run('fernet_setpu');
    expect(status).to.equal(2);
    expect(err).to.contain("unknown command 'fernet_setpu'").and.to.contain('fernet_setup');
  });

  it('exits with 2 and shows the commands when there is none', async () => {
    const { status, err } = await sandbox.run();
    expect(status).to.equal(2);
    expect(err).to.contain('fernet_setup');
  });

  it('exits with 2 for a group without its command', async () => {
    expect((await sandbox.run('policy')).status).to.equal(2);
  });

  it('exits with 2 for an unknown option, a missing value and an argument too many', async () => {
    for (const args of [['fernet_setup', '--nope'], ['--config-file'], ['fernet_setup', 'x']]) {
      expect((await sandbox.run(...args)).status, args.join(' ')).to.equal(2);
    }
  });

  it('shows its version', async () => {
    expect(await sandbox.run('--version')).to.include({ status: 0, err: '' });
    expect((await sandbox.run('--version')).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('helps with every command, with an example', async () => {
    const { status, out } = await sandbox.run('--help');
    expect(status).to.equal(0);
    for (const { group, name, summary } of COMMANDS) {
      if (group === undefined) expect(out).to.contain(name).and.to.contain(summary.slice(0, 20));
      const help = await sandbox.run(...(group === undefined ? [] : [group]), name, '--help');
      expect(help.status).to.equal(0);
      expect(help.out).to.match(new RegExp(`Examples:\\n {2}# .+\\n {2}keystone-manage .*${name}`));
    }
    for (const { group } of COMMANDS) if (group !== undefined) expect(GROUPS).to.have.property(group);
  });

  it('says once which file, line and option is wrong, and exits with 1', async () => {
    const file = await sandbox.file('bad.conf', '[DEFAULT]\n\n[fernet_tokens]\nmax_active_keys = many\n');
    const { status, err } = await sandbox.run('--config-file', file, 'fernet_setup');
    expect(status).to.equal(1);
    expect(err).to.contain(`${file}:4`).and.to.contain('max_active_keys');
    expect(err.match(/max_active_keys/g)).to.have.length(1);
  });

  it('names a configuration file that does not exist', async () => {
    const { status, err } = await sandbox.run('--config-file', '/nowhere/keystone.conf', 'fernet_setup');
    expect(status).to.equal(1);
    expect(err).to.equal('error: configuration file /nowhere/keystone.conf does not exist\n');
  });

  describe('with commands of its own', () => {
    const texts = { out: '', err: '' };
    const seen: unknown[] = [];
    async function run(command: Partial<ManageCommand>, ...args: string[]): Promise<number> {
      texts.out = '';
      texts.err = '';
      const output = {
        line: (text = '') => void (texts.out += `${text}\n`),
        note: (text: string) => void (texts.err += `${text}\n`),
      };
      const declared = { name: 'try', summary: 's', details: 'd', examples: [], configure: () => undefined };
      return manage(args, {
        output,
        env: { HOME: sandbox.folder },
        commands: [{ ...declared, ...command }],
      });
    }

    it('reads several files, of which a later one wins, and folders', async () => {
      const one = await sandbox.file('one.conf', '[token]\nexpiration = 11\n[DEFAULT]\nmax_param_size = 1\n');
      const two = await sandbox.file('two.conf', '[token]\nexpiration = 22\n');
      const status = await run(
        {
          configure: (command, work) => {
            command.action(() =>
              work(async ({ loadConf }) => {
                const { conf } = loadConf();
                seen.push(conf.token.expiration, conf.DEFAULT.max_param_size, conf.DEFAULT.debug);
              }),
            );
          },
        },
        '--config-file',
        one,
        'try',
        '--debug',
        '--config-file',
        two,
      );
      expect(status).to.equal(0);
      expect(seen.splice(0)).to.deep.equal([22, 1, true]);
    });

    it('warns when there is no configuration at all, and only then', async () => {
      const isConfigured = existsSync('/etc/keystone/keystone.conf') || existsSync('/etc/keystone.conf');
      const status = await run(
        {
          configure: (command, work) =>
            void command.action(() => work(async ({ loadConf }) => void loadConf())),
        },
        'try',
      );
      expect(status).to.equal(0);
      expect(texts.err.includes('no configuration file was found')).to.equal(!isConfigured);
    });

    const failing = (error: Error): Partial<ManageCommand> => ({
      configure: (command, work) => {
        command.action(() =>
          work(async () => {
            throw error;
          }),
        );
      },
    });

    it('exits with 1 and one message when a command fails, without secrets', async () => {
      expect(await run(failing(new Error('mysql://keystone:hunter2@db: refused')), 'try')).to.equal(1);
      expect(texts.err).to.equal('error: mysql://keystone:***@db: refused\n');
    });

    it('shows where an error comes from with --debug', async () => {
      await run(failing(new Error('boom')), '--debug', 'try');
      expect(texts.err).to.match(/^error: boom\nError: boom\n {4}at /);
    });

    it('exits as the command says', async () => {
      expect(await run(failing(new CommandError('no', { exitCode: 3 })), 'try')).to.equal(3);
      const command: Partial<ManageCommand> = {
        configure: (declared, work) => void declared.action(() => work(() => Promise.resolve(4))),
      };
      expect(await run(command, 'try')).to.equal(4);
    });
  });
});
