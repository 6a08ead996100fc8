import { appendFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { expect } from 'chai';
import { CommandError } from '../../../src/cmd/command.js';
import { keyOwner } from '../../../src/cmd/key_owner.js';
import { createSandbox, OWNER, type Sandbox } from './support.js';

describe('commands for keys', () => {
  let sandbox: Sandbox;
  let conf: string[];
  beforeEach(async () => {
    sandbox = await createSandbox();
    const text = [
      '[fernet_tokens]',
      `key_repository = ${sandbox.path('fernet')}`,
      '[credential]',
      `key_repository = ${sandbox.path('credential')}`,
    ].join('\n');
    conf = ['--config-file', await sandbox.file('keystone.conf', text)];
  });
  afterEach(() => sandbox.remove());
  const keys = async (name: string): Promise<string[]> => (await readdir(sandbox.path(name))).sort();

  for (const [command, folder] of [
    ['fernet_setup', 'fernet'],
    ['credential_setup', 'credential'],
  ] as const) {
    it(`${command} creates a folder for the owner alone with two keys, and leaves it alone then`, async () => {
      expect((await sandbox.run(...conf, command, ...OWNER)).status).to.equal(0);
      expect((await stat(sandbox.path(folder))).mode & 0o777).to.equal(0o700);
      expect((await stat(sandbox.path(`${folder}/0`))).mode & 0o777).to.equal(0o600);
      expect(await keys(folder)).to.deep.equal(['0', '1']);
      const key = await readFile(sandbox.path(`${folder}/0`), 'utf8');
      const again = await sandbox.run(...conf, command, ...OWNER);
      expect(again).to.include({ status: 0 });
      expect(again.out).to.contain('nothing was changed');
      expect(await readFile(sandbox.path(`${folder}/0`), 'utf8')).to.equal(key);
    });
  }

  it('fernet_rotate makes the staged key primary and removes the oldest beyond max_active_keys', async () => {
    await sandbox.run(...conf, 'fernet_setup', ...OWNER);
    const staged = await readFile(sandbox.path('fernet/0'), 'utf8');
    const { status, out } = await sandbox.run(...conf, 'fernet_rotate', ...OWNER);
    expect(status).to.equal(0);
    expect(out).to.contain('Key 2').and.to.contain('no key was removed');
    expect(await readFile(sandbox.path('fernet/2'), 'utf8')).to.equal(staged);
    expect((await sandbox.run(...conf, 'fernet_rotate', ...OWNER)).out).to.contain('removed: 1');
    expect(await keys('fernet')).to.deep.equal(['0', '2', '3']);
  });

  it('fernet_rotate warns when it leaves nothing to read the tokens of before with', async () => {
    await sandbox.run(...conf, 'fernet_setup', ...OWNER);
    await appendFile(sandbox.path('keystone.conf'), '\n[fernet_tokens]\nmax_active_keys = 1\n');
    const { status, out, err } = await sandbox.run(...conf, 'fernet_rotate', ...OWNER);
    expect(status).to.equal(0);
    expect(out).to.contain('Key 0').and.to.contain('removed: 1, 2').and.not.contain('primary');
    expect(err).to.contain('max_active_keys = 1');
    expect(await keys('fernet')).to.deep.equal(['0']);
  });

  it('fernet_rotate names the folder when there is nothing to rotate', async () => {
    const missing = await sandbox.run(...conf, 'fernet_rotate', ...OWNER);
    expect(missing).to.include({ status: 1, out: '' });
    expect(missing.err).to.contain(sandbox.path('fernet')).and.to.contain('does not exist');
    await mkdir(sandbox.path('fernet'));
    const empty = await sandbox.run(...conf, 'fernet_rotate', ...OWNER);
    expect(empty.status).to.equal(1);
    expect(empty.err).to.contain(sandbox.path('fernet/0'));
  });

  it('names a user or group that does not exist', async () => {
    const { status, err } = await sandbox.run(
      ...conf,
      'fernet_setup',
      '--keystone-user',
      'nobody-has-this-name',
      '--keystone-group',
      '0',
    );
    expect(status).to.equal(1);
    expect(err).to.equal("error: Unknown user 'nobody-has-this-name' in --keystone-user\n");
  });

  describe('the owner of keys', () => {
    const refusal = (options: object, user: number): Promise<unknown> =>
      keyOwner(options, user).catch((error: unknown) => error);

    it('must be named by root', async () => {
      const error = await refusal({ keystoneUser: 'root' }, 0);
      expect(error).to.be.instanceOf(CommandError).and.to.have.property('exitCode', 2);
      expect((error as Error).message).to.match(/^--keystone-group must be given when root/);
    });

    it('is the present user for everybody else', async () => {
      expect(await keyOwner({}, 1000)).to.equal(undefined);
    });

    it('is a user together with a group', async () => {
      expect(await refusal({ keystoneUser: 'root' }, 1000)).to.have.property('exitCode', 2);
    });

    it('is found by name and by number', async () => {
      expect(await keyOwner({ keystoneUser: 'root', keystoneGroup: '12' }, 0)).to.deep.equal({
        uid: 0,
        gid: 12,
      });
    });
  });
});
