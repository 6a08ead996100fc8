import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { expect } from 'chai';
import { SYMPTOMS } from '../../../src/cmd/doctor/symptoms.js';
import { manage } from '../../../src/cmd/manage.js';
import { KeyRepository } from '../../../src/common/crypto/key_repository.js';
import { shutdownLogging } from '../../../src/common/log/index.js';
import { openDatabase, prepareSql } from '../../../src/common/sql/index.js';
import { createDeployment, type Deployment } from '../../support/deployment.js';
import { createSandbox, type Ran, type Sandbox } from './support.js';

/** Settings that show a symptom, and settings that do not: sections of lines. */
type Settings = Readonly<Record<string, readonly string[]>>;

/** Symptoms that settings alone decide. */
const BY_SETTINGS: Readonly<Record<string, { readonly sick: Settings; readonly well: Settings }>> = {
  caching_disabled: {
    sick: { cache: ['enabled = false'] },
    well: { DEFAULT: ['debug = true'], cache: ['enabled = false'] },
  },
  caching_enabled_without_a_backend: {
    sick: { cache: ['enabled = true', 'backend = dogpile.cache.null'] },
    well: { cache: ['enabled = true', 'backend = dogpile.cache.memory'] },
  },
  unique_key_repositories: {
    sick: { credential: ['key_repository = /tmp/same/'], fernet_tokens: ['key_repository = /tmp/same'] },
    well: { credential: ['key_repository = /tmp/one'], fernet_tokens: ['key_repository = /tmp/other'] },
  },
  usability_of_Fernet_key_repository: {
    sick: { token: ['provider = fernet'], fernet_tokens: ['key_repository = /nowhere/at/all'] },
    well: { token: ['provider = uuid'], fernet_tokens: ['key_repository = /nowhere/at/all'] },
  },
  usability_of_credential_fernet_key_repository: {
    sick: { credential: ['key_repository = /nowhere/at/all'] },
    well: { credential: ['key_repository = FOLDER'] },
  },
  database_connection_is_not_SQLite: {
    sick: { database: ['connection = sqlite:////nowhere/k.db'] },
    well: { database: ['connection = mysql://k:secret@db/keystone'] },
  },
  comma_in_SAML_public_certificate_path: {
    sick: { saml: ['certfile = /etc/a,b.pem'] },
    well: { saml: ['certfile = /etc/a.pem'] },
  },
  comma_in_SAML_private_key_file_path: {
    sick: { saml: ['keyfile = /etc/a,b.pem'] },
    well: { saml: ['keyfile = /etc/a.pem'] },
  },
  LDAP_user_enabled_emulation_dn_ignored: {
    sick: { identity: ['driver = ldap'], ldap: ['user_enabled_emulation_dn = cn=enabled'] },
    well: {
      identity: ['driver = ldap'],
      ldap: ['user_enabled_emulation_dn = cn=enabled', 'user_enabled_emulation = true'],
    },
  },
  LDAP_user_enabled_emulation_use_group_config_ignored: {
    sick: { identity: ['driver = ldap'], ldap: ['user_enabled_emulation_use_group_config = true'] },
    well: { identity: ['driver = sql'], ldap: ['user_enabled_emulation_use_group_config = true'] },
  },
  LDAP_group_members_are_ids_disabled: {
    sick: { identity: ['driver = ldap'], ldap: ['group_objectclass = posixGroup'] },
    well: {
      identity: ['driver = ldap'],
      ldap: ['group_objectclass = posixGroup', 'group_members_are_ids = true'],
    },
  },
  LDAP_password_in_clear: {
    sick: { identity: ['driver = ldap'], ldap: ['url = ldaps://a,ldap://ldap.example.com'] },
    well: { identity: ['driver = ldap'], ldap: ['url = ldap://localhost,ldaps://ldap.example.com'] },
  },
  minimum_password_age_should_be_less_than_password_expires_days: {
    sick: { security_compliance: ['minimum_password_age = 5', 'password_expires_days = 5'] },
    well: { security_compliance: ['minimum_password_age = 4', 'password_expires_days = 5'] },
  },
  invalid_password_regular_expression: {
    sick: { security_compliance: ['password_regex = ^(unbalanced'] },
    well: { security_compliance: ['password_regex = ^.{7,}$$'] },
  },
  password_regular_expression_description_not_set: {
    sick: { security_compliance: ['password_regex = ^.{7,}$$'] },
    well: {
      security_compliance: ['password_regex = ^.{7,}$$', 'password_regex_description = seven or more'],
    },
  },
  unreasonable_max_token_size: {
    sick: { token: ['provider = fernet'], DEFAULT: ['max_token_size = 8192'] },
    well: { token: ['provider = fernet'], DEFAULT: ['max_token_size = 255'] },
  },
  token_driver_kvs: {
    sick: { token: ['provider = uuid', 'driver = kvs'] },
    well: { token: ['provider = fernet', 'driver = kvs'] },
  },
  token_provider_does_not_fit_its_options: {
    sick: { token: ['provider = fernet', 'driver = memcache'] },
    well: { token: ['provider = uuid', 'driver = memcache'] },
  },
  admin_token_set: { sick: { DEFAULT: ['admin_token = planted-secret'] }, well: {} },
  debug_in_production: {
    sick: { DEFAULT: ['debug = true'], database: ['connection = mysql://k:secret@db/keystone'] },
    well: { DEFAULT: ['debug = true'], database: ['connection = sqlite://'] },
  },
  insecure_debug: { sick: { DEFAULT: ['insecure_debug = true'] }, well: {} },
  ec2_s3_tokens_without_authentication: {
    sick: { keystone_koa: ['ec2_s3_tokens_require_authentication = false'] },
    well: {},
  },
  accounts_of_this_machine_are_trusted: {
    sick: { auth: ['methods = external,password,token'] },
    well: {
      auth: ['methods = external,password,token'],
      keystone_koa: ['trusted_proxies = 10.0.0.1,unix'],
    },
  },
  everybody_is_a_trusted_proxy: {
    sick: { keystone_koa: ['trusted_proxies = 127.0.0.1,0.0.0.0/0'] },
    well: { keystone_koa: ['trusted_proxies = 10.0.0.0/8'] },
  },
  settings_without_effect: {
    sick: { DEFAULT: ['publish_errors = true', 'no_such_option = 1'] },
    well: { DEFAULT: ['list_limit = 5'] },
  },
  configuration_cannot_be_used: {
    sick: { DEFAULT: ['max_token_size = many'] },
    well: {},
  },
  policy_cannot_be_loaded: {
    sick: { oslo_policy: ['policy_file = FOLDER/broken'] },
    well: {},
  },
  paste_file_cannot_be_loaded: {
    sick: { paste_deploy: ['config_file = FOLDER/broken'] },
    well: {},
  },
  database_is_not_reachable: {
    sick: { database: ['connection = sqlite:////nowhere/k.db'] },
    well: { database: ['connection = sqlite:///FOLDER/empty.db'] },
  },
};

const TRIGGERS = prepareSql({
  text: "SELECT name AS name, tbl_name AS place FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
  columns: { name: 'text', place: 'text' },
});

describe('keystone-manage doctor', () => {
  let sandbox: Sandbox;
  const tested = new Set(Object.keys(BY_SETTINGS));
  before(async () => {
    sandbox = await createSandbox();
    await sandbox.file('empty.db', '');
    await sandbox.file('broken', '{ this is neither');
  });
  after(() => sandbox.remove());

  async function examine(settings: Settings, ...args: string[]): Promise<Ran> {
    const text = Object.entries(settings)
      .flatMap(([section, lines]) => [`[${section}]`, ...lines])
      .join('\n')
      .replaceAll('FOLDER', sandbox.folder);
    const file = await sandbox.file('keystone.conf', `${text}\n`);
    return sandbox.run('--config-file', file, 'doctor', ...args);
  }

  for (const [name, { sick, well }] of Object.entries(BY_SETTINGS)) {
    it(`finds ${name} where it is, and only there`, async () => {
      const found = await examine(sick, name);
      expect(found.err).to.not.contain('error');
      expect(found.status, found.out).to.equal(1);
      expect(found.out)
        .to.contain(`WARNING: ${name}\n`)
        .and.to.match(/Why it matters: .+\n {2}What to do: .+/);
      expect(found.out).to.not.match(/planted-secret|k:secret/);
      const healthy = await examine(well, name);
      expect(healthy.out).to.equal('1 symptoms looked for, 0 found\n');
      expect(healthy.status).to.equal(0);
    });
  }

  it('looks into the files of domains that have a directory of their own', async () => {
    await mkdir(sandbox.path('domains'));
    const line = 'user_enabled_emulation_dn = cn=x';
    await sandbox.file('domains/keystone.sales.conf', `[identity]\ndriver = ldap\n[ldap]\n${line}\n`);
    const settings = {
      identity: ['domain_specific_drivers_enabled = true', 'domain_config_dir = FOLDER/domains'],
    };
    const { status, out } = await examine(settings, 'LDAP_user_enabled_emulation_dn_ignored');
    expect(status).to.equal(1);
    expect(out).to.contain('domains/keystone.sales.conf: user_enabled_emulation_dn is set');
  });

  it('finds a log that could not be written', async () => {
    const settings = { DEFAULT: ['log_file = FOLDER/absent/x.log'] };
    const { out } = await examine(settings, 'configuration_cannot_be_used');
    expect(out).to.contain('absent/x.log cannot be opened: its folder does not exist');
  });

  it('finds all else, too, where the file of a domain cannot be used', async () => {
    tested.add('domain_configuration_cannot_be_used');
    await mkdir(sandbox.path('more/beneath'), { recursive: true });
    await sandbox.file('more/beneath/keystone.sales.conf', '[ldap]\npage_size = many\n');
    const people = await sandbox.file('more/keystone.people.conf', '[ldap]\npassword = planted-secret\n');
    await chmod(people, 0o644);
    const identity = ['domain_specific_drivers_enabled = true', 'domain_config_dir = FOLDER/more'];
    const names = ['domain_configuration_cannot_be_used', 'world_readable_configuration', 'admin_token_set'];
    const { out } = await examine({ identity, DEFAULT: ['admin_token = planted-secret'] }, ...names);
    expect(out)
      .to.match(/more\/beneath\/keystone\.sales\.conf:2: option "page_size" .* cannot be "many"/)
      .and.to.contain('more/keystone.people.conf has mode 0644')
      .and.to.contain('3 symptoms looked for, 3 found')
      .and.to.not.contain('planted-secret');
    const [symptom = ''] = names;
    const absent = await examine({ identity: [...identity, 'domain_config_dir = FOLDER/absent'] }, symptom);
    expect(absent.out).to.match(/\[identity\] domain_config_dir = .*absent cannot be read/);
    const fromDatabase = [...identity, 'domain_configurations_from_database = true'];
    expect((await examine({ identity: fromDatabase }, symptom)).status).to.equal(0);
  });

  it('tells of servers that take no connections', async () => {
    tested.add('memcached_is_not_reachable').add('LDAP_is_not_reachable');
    const server = createTcpServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const settings = {
      cache: ['backend = oslo_cache.memcache_pool', `memcache_servers = 127.0.0.1:${port}`],
      identity: ['driver = ldap'],
      ldap: [`url = ldap://127.0.0.1:${port}`],
    };
    const names = ['memcached_is_not_reachable', 'LDAP_is_not_reachable'];
    expect((await examine(settings, ...names)).out).to.equal('2 symptoms looked for, 0 found\n');
    server.close();
    await once(server, 'close');
    const { status, out } = await examine(settings, ...names);
    expect(status).to.equal(1);
    expect(out).to.contain(`    127.0.0.1:${port}: ECONNREFUSED`).and.to.contain('[ldap]: 127.0.0.1:');
  });

  it('lists the symptoms without looking for any', async () => {
    const { status, out } = await sandbox.run('doctor', '--list');
    expect(status).to.equal(0);
    expect(out.trim().split('\n')).to.have.length(SYMPTOMS.length);
    expect(out).to.match(/^clock_skew +The clocks of this machine/m);
  });

  it('refuses the name of a symptom, and the address of a peer, that is none', async () => {
    expect(await sandbox.run('doctor', 'hypochondria')).to.deep.include({ status: 2, out: '' });
    expect((await sandbox.run('doctor', '--peer', 'node2')).status).to.equal(2);
  });

  it('writes one JSON document with all that a program needs', async () => {
    const { status, out } = await examine({ DEFAULT: ['insecure_debug = true'] }, '--json', 'insecure_debug', 'admin_token_set'); // biome-ignore format: one call
    expect(status).to.equal(1);
    const document = JSON.parse(out) as { found: number; symptoms: Record<string, unknown>[] };
    expect(document.found).to.equal(1);
    expect(document.symptoms.map(({ name, found }) => [name, found])).to.deep.equal([
      ['insecure_debug', true],
      ['admin_token_set', false],
    ]);
    expect(document.symptoms[0]).to.include.keys('what', 'why', 'advice', 'findings');
  });

  it('has what Keystone’s own looks for', () => {
    const names = SYMPTOMS.map(({ name }) => name);
    expect(names).to.include.members([
      'caching_disabled',
      'caching_enabled_without_a_backend',
      'unique_key_repositories',
      'usability_of_credential_fernet_key_repository',
      'keys_in_credential_fernet_key_repository',
      'database_connection_is_not_SQLite',
      'comma_in_SAML_public_certificate_path',
      'comma_in_SAML_private_key_file_path',
      'LDAP_user_enabled_emulation_dn_ignored',
      'LDAP_user_enabled_emulation_use_group_config_ignored',
      'LDAP_group_members_are_ids_disabled',
      'minimum_password_age_should_be_less_than_password_expires_days',
      'invalid_password_regular_expression',
      'password_regular_expression_description_not_set',
      'unreasonable_max_token_size',
      'usability_of_Fernet_key_repository',
      'keys_in_Fernet_key_repository',
    ]);
    expect(new Set(names).size).to.equal(names.length);
  });

  describe('with keys and a database', () => {
    let deployment: Deployment;
    before(async () => {
      deployment = await createDeployment({ until: 'tables' });
    });
    after(() => deployment.remove());

    async function look(...args: string[]): Promise<{ status: number; out: string }> {
      let out = '';
      const output = { line: (text = '') => void (out += `${text}\n`), note: () => undefined };
      const status = await manage([...deployment.args, 'doctor', ...args], { output, env: deployment.env });
      shutdownLogging();
      return { status, out };
    }
    const wellOf = (count: number): { status: number; out: string } => ({
      status: 0,
      out: `${count} symptoms looked for, 0 found\n`,
    });

    it('finds nothing wrong with keys as they are made', async () => {
      const names = SYMPTOMS.map(({ name }) => name).filter((name) =>
        /key|schema|reachable|paste|policy/i.test(name),
      );
      expect(await look(...names)).to.deep.equal(wellOf(names.length));
    });

    it('sees keys and configuration that everybody can read', async () => {
      tested.add('world_readable_keys').add('world_readable_configuration').add('signing_key_permissions');
      await chmod(deployment.path('fernet-keys/1'), 0o644);
      expect((await look('world_readable_keys')).out).to.match(/fernet-keys\/1 has mode 0644/);
      await chmod(deployment.path('fernet-keys/1'), 0o600);
      expect(await look('world_readable_keys')).to.deep.equal(wellOf(1));

      const own = await readFile(deployment.conf, 'utf8');
      const signing = `[signing]\nkeyfile = ${deployment.path('signing.pem')}\n[DEFAULT]\nadmin_token = planted-secret\n`;
      await writeFile(deployment.conf, `${own}\n${signing}`);
      await writeFile(deployment.path('signing.pem'), 'key', { mode: 0o644 });
      await chmod(deployment.conf, 0o644);
      expect((await look('world_readable_configuration')).out).to.match(/keystone\.conf has mode 0644/);
      expect((await look('signing_key_permissions')).out).to.match(/signing\.pem has mode 0644/);
      await chmod(deployment.conf, 0o640);
      await chmod(deployment.path('signing.pem'), 0o600);
      expect(await look('world_readable_configuration', 'signing_key_permissions')).to.deep.equal(wellOf(2));
      await writeFile(deployment.conf, own);
    });

    it('sees repositories without keys, and with more than are meant to be active', async () => {
      tested
        .add('keys_in_Fernet_key_repository')
        .add('keys_in_credential_fernet_key_repository')
        .add('more_keys_than_max_active_keys');
      for (const number of [2, 3]) {
        await copyFile(deployment.path('fernet-keys/1'), deployment.path(`fernet-keys/${number}`));
      }
      expect((await look('more_keys_than_max_active_keys')).out).to.contain(
        'has 4 keys, max_active_keys is 3',
      );
      const empty = await createDeployment({ until: 'tables' });
      try {
        for (const name of ['fernet-keys', 'credential-keys']) {
          for (const number of [0, 1]) await rm(empty.path(`${name}/${number}`));
        }
        const [before, names] = [deployment, ['keys_in_Fernet_key_repository', 'keys_in_credential_fernet_key_repository']]; // biome-ignore format: short
        deployment = empty;
        const { out } = await look(...names);
        deployment = before;
        expect(out).to.contain('[fernet_tokens] key_repository').and.to.contain('2 found');
      } finally {
        await empty.remove();
        for (const number of [2, 3]) await rm(deployment.path(`fernet-keys/${number}`));
      }
    });

    it('sees that there are no tables', async () => {
      // test/services/doctor.test.ts sets a clock wrong.
      tested.add('database_schema_is_not_complete').add('clock_skew');
      const own = await readFile(deployment.conf, 'utf8');
      await writeFile(
        deployment.conf,
        `${own}\n[database]\nconnection = sqlite:///${deployment.path('empty.db')}\n`,
      );
      await writeFile(deployment.path('empty.db'), '');
      expect((await look('database_schema_is_not_complete')).out).to.contain('there are no tables');
      await writeFile(deployment.conf, own);
    });

    it('sees that a trigger is missing', async () => {
      tested.add('missing_change_triggers');
      expect(await look('missing_change_triggers')).to.deep.equal(wellOf(1));
      const database = await openDatabase({ url: `sqlite:///${deployment.path('keystone.db')}` });
      const [trigger] = await database.query(TRIGGERS);
      await database.execute(prepareSql({ text: `DROP TRIGGER "${trigger?.name}"`, once: true }));
      await database.close();
      expect((await look('missing_change_triggers')).out).to.contain(`1 are missing: ${trigger?.place}`);
    });

    describe('and another node', () => {
      let peer: Server;
      let url: string;
      let status = 200;
      let document: unknown;
      before(async () => {
        tested.add('keys_differ_on_a_peer').add('a_peer_is_not_ready');
        peer = createServer((request, response) => {
          expect(request.url).to.equal('/healthcheck');
          // A connection that it kept would end by itself, maybe when the next question is on its way.
          const headers = { 'Content-Type': 'application/json', Connection: 'close' };
          response.writeHead(status, headers).end(JSON.stringify(document));
        }).listen(0, '127.0.0.1');
        await once(peer, 'listening');
        url = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
      });
      after(() => peer.close());
      const names = ['keys_differ_on_a_peer', 'a_peer_is_not_ready'];

      it('sees a staged key that the other node lacks', async () => {
        const repository = new KeyRepository(deployment.path('fernet-keys'), { kind: 'fernet_tokens' });
        await repository.keys();
        const keys = repository.fingerprints();
        document = { keys: [{ repository: 'fernet_tokens', keys }] };
        expect(await look('--peer', url, ...names)).to.deep.equal(wellOf(2));
        document = {
          keys: [{ repository: 'fernet_tokens', keys: keys.filter(({ role }) => role !== 'staged') }],
        };
        const { out } = await look('--peer', url, ...names);
        expect(out).to.match(/127\.0\.0\.1:\d+ lacks the staged key \(0, \w+\)/);
        document = { keys: [{ repository: 'fernet_tokens', keys: [] }] };
        expect((await look('--peer', url, ...names)).out).to.contain('has not used its keys yet');
      });

      it('sees that the other node cannot serve', async () => {
        status = 503;
        expect((await look('--peer', url, ...names)).out).to.match(/127\.0\.0\.1:\d+: it answers 503/);
        expect((await look('--peer', 'http://127.0.0.1:1', ...names)).status).to.equal(1);
      });
    });
  });

  describe('in the end', () => {
    it('has a test for every symptom', () => {
      expect(SYMPTOMS.map(({ name }) => name).filter((name) => !tested.has(name))).to.deep.equal([]);
    });
  });
});
