import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import {
  type Conf,
  ConfError,
  domainConfOf,
  type LoadConfOptions,
  type LoadedConf,
  loadConf,
  loadDomainConf,
  parseCommandLine,
} from '../../../src/conf/index.js';

describe('keystone.conf', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'keystone-conf-'));
  });

  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  function put(name: string, text: string): string {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Load with nothing of this machine: no standard folder, no environment. */
  function load(options: LoadConfOptions = {}): LoadedConf {
    const empty = put('empty.d/none.conf', '');
    return loadConf({ configDirs: [dirname(empty)], env: { HOME: home }, ...options });
  }

  function loadText(text: string): LoadedConf {
    return load({ configFiles: [put('keystone.conf', text)] });
  }

  function refusalOf(work: () => unknown): ConfError {
    try {
      work();
    } catch (error) {
      expect(error).to.be.instanceOf(ConfError);
      return error as ConfError;
    }
    return expect.fail('nothing was refused');
  }

  it('says what its declarations say when it is empty', () => {
    const { conf } = loadText('');
    expect(conf.token.expiration).to.equal(3600);
    expect(conf.token.provider).to.equal('uuid');
    expect(conf.DEFAULT.public_endpoint).to.equal(null);
    expect(conf.auth.methods).to.deep.equal(['external', 'password', 'token', 'oauth1']);
    expect(conf.database.connection).to.equal('sqlite:///keystone.db');
  });

  it('cannot be changed by those who read it', () => {
    const { conf } = loadText('[auth]\nmethods = password\n');
    expect(() => (conf.auth.methods as string[]).push('external')).to.throw(TypeError);
    expect(() => Object.assign(conf.token, { expiration: 1 })).to.throw(TypeError);
    expect(() => Object.assign(conf, { token: {} })).to.throw(TypeError);
  });

  it('is typed by its declarations', () => {
    const { conf } = loadText('');
    const typed: [number, boolean, readonly string[], string | null, 'basic' | 'cadf'] = [
      conf.token.expiration,
      conf.DEFAULT.debug,
      conf.cache.backend_argument,
      conf.DEFAULT.admin_token,
      conf.DEFAULT.notification_format,
    ];
    expect(typed).to.have.length(5);
    // The next lines are errors to the compiler, which is what this test is about.
    // @ts-expect-error an option that nobody declared
    expect((conf satisfies Conf).token.expiry).to.equal(undefined);
    // @ts-expect-error a section that nobody declared
    expect(conf.tokens).to.equal(undefined);
    // @ts-expect-error an option that may be unset is no number
    const limit: number = conf.DEFAULT.list_limit;
    expect(limit).to.equal(null);
  });

  it('tells where each value comes from', () => {
    const file = put('keystone.conf', '[token]\nprovider = fernet\n');
    const loaded = load({ configFiles: [file], env: { HOME: home, OS_TOKEN__EXPIRATION: '60' } });
    expect(loaded.origin('token', 'provider')).to.deep.equal({ file, line: 2 });
    expect(loaded.origin('token', 'expiration')).to.equal('env');
    expect(loaded.origin('token', 'driver')).to.equal('default');
    expect(loaded.conf.token.expiration).to.equal(60);
  });

  describe('consists of', () => {
    it('the files in order, then the folders', () => {
      const first = put('a.conf', '[token]\nexpiration = 1\nprovider = fernet\n');
      const second = put('b.conf', '[token]\nexpiration = 2\ndriver = memcache\n');
      put('more/z.conf', '[token]\nexpiration = 3\n');
      const { conf, files } = load({ configFiles: [first, second], configDirs: [join(home, 'more')] });
      expect(conf.token).to.include({ expiration: 3, provider: 'fernet', driver: 'memcache' });
      expect(files).to.deep.equal([first, second, join(home, 'more/z.conf')]);
    });

    it('the standard file and folder when none is named, and each where only the other is named', () => {
      const standard = put('.keystone/keystone.conf', '[token]\nexpiration = 1\n');
      const folder = put('keystone.conf.d/a.conf', '[token]\nexpiration = 2\n');
      const named = put('named.conf', '[token]\nexpiration = 3\n');
      const env = { HOME: home };
      expect(loadConf({ env }).files).to.deep.equal([standard, folder]);
      expect(loadConf({ env, configFiles: [named] }).files).to.deep.equal([folder, named]);
      expect(loadConf({ env, configFiles: [named] }).conf.token.expiration).to.equal(3);
      expect(load().files).to.deep.equal([standard, join(home, 'empty.d/none.conf')]);
    });

    it('the files that the environment names in the way of later releases', () => {
      put('k/one.conf', '');
      put('k/two.conf', '');
      const env = {
        HOME: home,
        OS_KEYSTONE_CONFIG_DIR: join(home, 'k'),
        OS_KEYSTONE_CONFIG_FILES: 'one.conf; two.conf',
      };
      expect(load({ env }).files.slice(0, 2)).to.deep.equal([
        join(home, 'k/one.conf'),
        join(home, 'k/two.conf'),
      ]);
      const { OS_KEYSTONE_CONFIG_DIR, HOME } = env;
      put('k/keystone.conf', '');
      expect(load({ env: { HOME, OS_KEYSTONE_CONFIG_DIR } }).files[0]).to.equal(
        join(home, 'k/keystone.conf'),
      );
    });

    it('what the command line says, above all', () => {
      const file = put('keystone.conf', '[DEFAULT]\ndebug = false\n');
      const { options, rest } = parseCommandLine([
        '--config-file',
        file,
        '-d',
        '--log-file=/x.log',
        'db_sync',
        '--expand',
      ]);
      const { conf } = load({ ...options, env: { HOME: home, OS_DEFAULT__DEBUG: 'no' } });
      expect(conf.DEFAULT).to.include({ debug: true, log_file: '/x.log' });
      expect(rest).to.deep.equal(['db_sync', '--expand']);
      expect(refusalOf(() => parseCommandLine(['--config-file'])).problem).to.equal('argument');
    });
  });

  it('finds files beside it', () => {
    const file = put('a/keystone.conf', '');
    const paste = put('a/keystone-paste.ini', '');
    const policy = put('b/policy.json', '');
    put('b/x.conf', '');
    const loaded = load({ configFiles: [file], configDirs: [join(home, 'b')] });
    expect(loaded.findFile('keystone-paste.ini')).to.equal(paste);
    expect(loaded.findFile('policy.json')).to.equal(policy);
    expect(loaded.findFile(policy)).to.equal(policy);
    expect(loaded.findFile('missing.json')).to.equal(null);
    expect(loaded.findFile('/missing.json')).to.equal(null);
  });

  it('lets operators name sections: CORS origins, and protocols with an attribute of their own', () => {
    const { corsSections, notes, conf } = loadText(
      '[cors]\nallowed_origin = https://a\n[cors.lab]\nallowed_origin = https://b\nmax_age = 5\n' +
        '[mapped]\nremote_id_attribute = $HTTP_ISS\n[auth]\nmethods = password,mapped,saml2\nsaml2 = plugin.of.ours\n',
    );
    expect(conf.cors.allowed_origin).to.deep.equal(['https://a']);
    expect([...corsSections.keys()]).to.deep.equal(['cors.lab']);
    expect(corsSections.get('cors.lab')).to.deep.include({ allowed_origin: ['https://b'], max_age: 5 });
    expect(notes).to.deep.equal([]);
  });

  it('gives the texts of a section that nobody declared', () => {
    const loaded = loadText('[Mapped]\nremote_id_attribute = $HTTP_ISS\n');
    expect([...loaded.section('mapped')]).to.deep.equal([['remote_id_attribute', '$HTTP_ISS']]);
    expect(loaded.section('nothing').size).to.equal(0);
  });

  describe('that is wrong stops the start', () => {
    it('with one error that names every problem with file and line', () => {
      const error = refusalOf(() =>
        loadText('[token]\nexpiration = soon\n[fernet_tokens]\nmax_active_keys = 0\n'),
      );
      const file = join(home, 'keystone.conf');
      expect(error.problems.map(({ place }) => place)).to.deep.equal([
        { file, line: 4, section: 'fernet_tokens', option: 'max_active_keys' },
        { file, line: 2, section: 'token', option: 'expiration' },
      ]);
      expect(error.message.split('\n')).to.have.length(2);
      expect(error.message).to.contain(`${file}:4: option "max_active_keys"`).and.contain('at least 1');
    });

    it('where the mistake is one of the service rather than of the type', () => {
      const wrong: readonly [text: string, allowed: string][] = [
        ['[token]\nexpiration =\n', 'a number is needed'],
        ['[DEFAULT]\npublic_endpoint = <None>\n', 'not set'],
        ['[database]\nconnection = oracle://u:s3cret@h/d\n', 'mysql'],
        ['[database]\nconnection = mysql://u:s3cret@h:port/d\n', 'port'],
        ['[cache]\ntls_enabled = true\n', 'not supported'],
        ['[keystone_koa]\ntrusted_proxies = 10.0.0.0/33\n', '10.0.0.0/8'],
        ['[keystone_koa]\nremote_user_header = X Remote\n', 'regular expression'],
        ['[database]\nconnection =\n', 'it is empty'],
        ['[security_compliance]\npassword_regex = (a\n', 'regular expression'],
        ['[token]\nexpiration = 249299856000\n', 'after the year 9999; at most 249299855999'],
        [
          '[oauth1]\naccess_token_duration = 99999999999999999\n',
          'after the year 9999; at most 249299855999',
        ],
        ['[oauth1]\nrequest_token_duration = 249299856000\n', 'after the year 9999'],
        ['[security_compliance]\npassword_expires_days = 2885415\n', 'after the year 9999; at most 2885414'],
      ];
      for (const [text, allowed] of wrong) {
        const error = refusalOf(() => loadText(text));
        expect(error.place, text).to.include({ file: join(home, 'keystone.conf'), line: 2 });
        expect(error.message, text).to.contain(allowed).and.not.contain('s3cret');
      }
    });

    it('but not for a regular expression that only Python has', () => {
      const { conf } = loadText('[security_compliance]\npassword_regex = (?P<digit>\\d).{7,}\\Z\n');
      expect(conf.security_compliance.password_regex).to.equal('(?P<digit>\\d).{7,}\\Z');
    });

    it('when a file is missing or cannot be parsed', () => {
      expect(refusalOf(() => load({ configFiles: [join(home, 'x.conf')] })).problem).to.equal('not_found');
      expect(refusalOf(() => loadText('[token\n')).place.line).to.equal(1);
    });

    it('when the command line sets what does not exist', () => {
      expect(refusalOf(() => load({ overrides: { token: { expiry: '1' } } })).message).to.contain('"expiry"');
    });

    it('and an accidental reference in a secret does not give it away', () => {
      const error = refusalOf(() => loadText('[database]\nconnection = mysql://u:pa$word@h/d\n'));
      expect(error.message).to.contain('"$$"').and.not.contain('word@');
      const escaped = loadText('[database]\nconnection = mysql://u:pa$$word@h/d\n');
      expect(escaped.conf.database.connection).to.equal('mysql://u:pa$word@h/d');
    });
  });

  describe('of a domain', () => {
    it('stands on the defaults alone, not on the main file or the environment', () => {
      const before = process.env['OS_LDAP__URL'];
      process.env['OS_LDAP__URL'] = 'ldap://environment';
      try {
        const file = put('keystone.lab.conf', '[identity]\ndriver = ldap\n[ldap]\nsuffix = dc=lab\n');
        const { conf } = loadDomainConf(file);
        expect(conf.identity.driver).to.equal('ldap');
        expect(conf.ldap).to.include({ suffix: 'dc=lab', url: 'ldap://localhost' });
      } finally {
        if (before === undefined) {
          delete process.env['OS_LDAP__URL'];
        } else {
          process.env['OS_LDAP__URL'] = before;
        }
      }
    });

    it('is refused with its own file and line', () => {
      const file = put('keystone.lab.conf', '[ldap]\nquery_scope = all\n');
      const error = refusalOf(() => loadDomainConf(file));
      expect(error.place).to.include({ file, line: 2 });
      expect(error.message).to.contain('one, sub');
    });

    it('may come from the database, as texts and as JSON values', () => {
      const { conf, notes } = domainConfOf({
        identity: { driver: 'ldap', list_limit: null },
        ldap: {
          url: 'ldap://h',
          page_size: 5,
          use_tls: true,
          user_attribute_ignore: ['a', 'b'],
          password: 'x',
        },
      });
      expect(conf.identity).to.include({ driver: 'ldap', list_limit: null });
      expect(conf.ldap).to.deep.include({ page_size: 5, use_tls: true, user_attribute_ignore: ['a', 'b'] });
      expect(notes.filter((note) => !note.includes('deprecated'))).to.deep.equal([]);
      expect(refusalOf(() => domainConfOf({ ldap: { page_size: 'x' } })).place).to.include({
        option: 'page_size',
      });
      expect(refusalOf(() => domainConfOf({ ldap: { pagesize: 1 } })).problem).to.equal('undeclared');
    });
  });

  describe('has notes', () => {
    const file = (): string => join(home, 'keystone.conf');

    it('none when all is well', () => {
      expect(loadText('[token]\nprovider = fernet\n').notes).to.deep.equal([]);
    });

    it('when there is no file at all, and only then', () => {
      mkdirSync(join(home, 'none.d'));
      // Whether /etc has a keystone.conf depends on the machine.
      const { files, notes } = loadConf({ configDirs: [join(home, 'none.d')], env: { HOME: home } });
      expect(notes.some((note) => note.includes('no configuration file'))).to.equal(files.length === 0);
      expect(loadText('').notes).to.deep.equal([]);
    });

    it('on unknown options and sections, once each, with the nearest name', () => {
      const { notes } = loadText(
        '[token]\nexpiraton = 1\nexpiraton = 2\n[tokne]\nx = 1\ny = 1\n[default]\ndebug = 1\n',
      );
      expect(notes).to.deep.equal([
        `${file()}:2: unknown option "expiraton" of section [token] is ignored; did you mean "expiration"?`,
        `${file()}:4: unknown section [tokne] is ignored; did you mean [token]?`,
        `${file()}:7: unknown section [default] is ignored; did you mean [DEFAULT]?`,
      ]);
    });

    it('on former names, but not on those of later releases', () => {
      const { notes, conf } = loadText(
        '[DEFAULT]\nsql_connection = sqlite://\n[database]\nconnection_recycle_time = 60\n',
      );
      expect(conf.database).to.include({ connection: 'sqlite://', idle_timeout: 60 });
      expect(notes).to.have.length(1);
      expect(notes[0]).to.contain(
        `${file()}:2: option "sql_connection" of section [DEFAULT] is now called "connection"`,
      );
      expect(notes[0]).to.not.contain('sqlite');
    });

    it('on options that will go away', () => {
      expect(loadText('[DEFAULT]\nverbose = true\n').notes[0]).to.match(
        /:2: option "verbose".* is deprecated: /,
      );
    });

    it('on options that change nothing here, one for all of a section and reason', () => {
      const { notes } = loadText(
        '[oslo_messaging_zmq]\nuse_pub_sub = true\nzmq_target_update = 5\n[kvs]\nbackends = a\n',
      );
      expect(notes).to.have.length(2);
      expect(notes.find((note) => note.includes('zmq'))).to.contain('"use_pub_sub", "zmq_target_update"');
      expect(notes.find((note) => note.includes('kvs'))).to.contain('no effect here');
    });

    it('on variables of the environment that set nothing', () => {
      const env = { HOME: home, OS_TOKEN__EXPIRATON: '5', OS_USERNAME: 'a', OS_CLOUD__X: 'b' };
      const { notes } = load({ env });
      const own = notes.filter((note) => note.includes('variable'));
      expect(own).to.have.length(1);
      expect(own[0]).to.contain('did you mean OS_TOKEN__EXPIRATION?');
    });
  });
});
