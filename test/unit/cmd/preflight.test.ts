import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSandbox, OWNER, type Ran, type Sandbox } from './support.js';

interface Finding {
  readonly level: string;
  readonly text: string;
}
type Report = Readonly<
  Record<'configuration' | 'pipelines' | 'policy' | 'keys' | 'database', readonly Finding[]>
>;

/** Every file beneath a folder with the digest of what it holds. */
async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return found;
}

describe('preflight', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await createSandbox();
  });
  afterEach(() => sandbox.remove());

  async function deployment(extra = ''): Promise<string[]> {
    await mkdir(sandbox.path('keys'), { mode: 0o700 });
    const conf = await sandbox.file(
      'keystone.conf',
      [
        '[token]',
        'provider = fernet',
        '[database]',
        `connection = sqlite:///${sandbox.path('keystone.db')}`,
        '[fernet_tokens]',
        `key_repository = ${sandbox.path('keys')}`,
        '[credential]',
        `key_repository = ${sandbox.path('credential-keys')}`,
        extra,
      ].join('\n'),
    );
    return ['--config-file', conf];
  }
  async function report(conf: string[]): Promise<Report & { readonly ran: Ran }> {
    const ran = await sandbox.run(...conf, 'preflight', '--json');
    return { ...(JSON.parse(ran.out) as Report), ran };
  }
  const texts = (findings: readonly Finding[], level: string): string =>
    findings.flatMap((finding) => (finding.level === level ? [finding.text] : [])).join('\n');

  it('finds nothing wrong with a deployment that is complete, and changes no byte of it', async () => {
    const conf = await deployment();
    expect((await sandbox.run(...conf, 'db_sync')).status).to.equal(0);
    expect((await sandbox.run(...conf, 'fernet_setup', ...OWNER)).status).to.equal(0);
    const before = await contents(sandbox.folder);
    const { ran, configuration, keys, database } = await report(conf);
    expect(ran.status).to.equal(0);
    expect(await contents(sandbox.folder)).to.deep.equal(before);
    expect(texts(configuration, 'used'))
      .to.contain('[token] provider = fernet')
      .and.contain('keystone.conf:2');
    expect(texts(keys, 'used')).to.contain('2 keys for tokens, 1 is the primary one');
    expect(texts(keys, 'differs')).to.contain('the key that everybody knows');
    expect(texts(database, 'used')).to.contain('a database of this service, on sqlite');
  });

  it('shows no secret of the configuration', async () => {
    const { ran, configuration } = await report(await deployment('[DEFAULT]\nadmin_token = sesame-open\n'));
    expect(texts(configuration, 'used')).to.contain('[DEFAULT] admin_token = (not shown)');
    expect(ran.out).not.to.contain('sesame-open');
  });

  it('names options that change nothing, with the file and the line', async () => {
    const { configuration } = await report(await deployment('[oslo_limit]\nendpoint_id = x\n'));
    expect(texts(configuration, 'ignored')).to.match(/keystone\.conf:9: unknown section \[oslo_limit\]/);
  });

  it('says what the matter is with a file that is no database', async () => {
    const conf = await deployment();
    await sandbox.file(
      'keystone.db',
      'neither tables nor rows, but longer than the header of a database'.repeat(9),
    );
    const { database } = await report(conf);
    expect(texts(database, 'problem')).to.match(
      /^\[database\] connection: .*\(SQLITE_NOTADB: file is not a database\)$/,
    );
  });

  it('tells of a log that could not be written', async () => {
    await sandbox.file('logging.conf', '[loggers]\nkeys = root\n[handlers]\nkeys = fluent\n');
    const line = `log_config_append = ${sandbox.path('logging.conf')}`;
    const { configuration } = await report(await deployment(`[DEFAULT]\n${line}\n`));
    expect(texts(configuration, 'problem')).to.match(/logging\.conf.*\[DEFAULT\] log_config_append/);
  });

  it('reads the files of domains', async () => {
    await mkdir(sandbox.path('domains'));
    await sandbox.file('domains/keystone.good.conf', '[ldap]\npage_size = 5\n[oslo_limit]\nx = y\n');
    await sandbox.file('domains/keystone.bad.conf', '[ldap]\npage_size = many\n');
    const folder = `domain_specific_drivers_enabled = true\ndomain_config_dir = ${sandbox.path('domains')}`;
    const { ran, configuration } = await report(await deployment(`[identity]\n${folder}\n`));
    expect(ran.status).to.equal(1);
    expect(texts(configuration, 'used')).to.contain('domains/keystone.good.conf');
    expect(texts(configuration, 'ignored')).to.match(
      /keystone\.good\.conf:3: unknown section \[oslo_limit\]/,
    );
    expect(texts(configuration, 'problem')).to.match(/keystone\.bad\.conf:2: option "page_size"/);
  });

  it('says what is missing: a database, keys, a paste file', async () => {
    const { ran, keys, database, pipelines } = await report(
      await deployment('[paste_deploy]\nconfig_file = absent.ini\n'),
    );
    expect(ran.status).to.equal(1);
    expect(texts(database, 'problem')).to.match(/\[database\] connection: there is no file .*keystone\.db/);
    expect(texts(keys, 'problem')).to.contain('holds no key');
    expect(texts(pipelines, 'problem')).to.contain('absent.ini');
    expect(await readdir(sandbox.folder)).not.to.include('keystone.db');
  });

  it('finds keys that are none, and keys that everybody can read', async () => {
    const conf = await deployment();
    await sandbox.file('keys/0', 'no key');
    await chmod(sandbox.path('keys'), 0o755);
    const { keys } = await report(conf);
    expect(texts(keys, 'problem'))
      .to.match(/keys\/0 holds no Fernet key/)
      .and.match(/can be read by everybody/);
  });

  it('looks at what signs tokens, and at drivers that are not built in', async () => {
    const conf = await deployment('[catalog]\ndriver = other\n[signing]\nkeyfile = /nowhere/key.pem\n');
    const [, file = ''] = conf;
    await sandbox.file('keystone.conf', (await readFile(file, 'utf8')).replace('= fernet', '= pki'));
    const { keys, configuration } = await report(conf);
    expect(texts(keys, 'problem')).to.contain('[signing] keyfile = /nowhere/key.pem: it cannot be read');
    expect(texts(configuration, 'differs')).to.contain('[catalog] driver = other is not built in');
  });

  it('tells rules of later releases and broken ones apart from those that count', async () => {
    const rules = await sandbox.file(
      'policy.json',
      JSON.stringify({
        'identity:list_limits': '',
        'identity:get_user': 'role:reader and system_scope:all',
        'identity:get_role': 'role:reader',
      }),
    );
    const first = await report(await deployment(`[oslo_policy]\npolicy_file = ${rules}\n`));
    expect(texts(first.policy, 'used')).to.contain('3 rules of files');
    expect(texts(first.policy, 'ignored')).to.contain('identity:list_limits');
    expect(texts(first.policy, 'differs')).to.match(/token for the system.*identity:get_user/);
    await sandbox.file('policy.json', '{"identity:get_role": 7}');
    const second = await sandbox.run('--config-file', sandbox.path('keystone.conf'), 'preflight');
    expect(second.status).to.equal(1);
    expect(second.out).to.match(/problem +.*policy\.json.*identity:get_role/);
  });

  it('reports every mistake of the configuration as a problem', async () => {
    const { ran, configuration } = await report(await deployment('[trust]\nenabled = perhaps\n'));
    expect(ran.status).to.equal(1);
    expect(texts(configuration, 'problem')).to.match(
      /keystone\.conf:10: option "enabled" of section \[trust\]/,
    );
  });
});
