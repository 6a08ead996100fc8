import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LdapDirectory, LdapOptionError, type LdapOptions } from '../../../../src/common/ldap/index.js';
import { ldapServers, ldapSettings } from '../../../../src/common/ldap/options.js';
import { loadConf } from '../../../../src/conf/index.js';
import { TestCa } from '../../../support/certificates.js';

const DEFAULTS: LdapOptions = loadConf({ configFiles: [], env: {} }).conf.ldap;
const settings = (options: Partial<LdapOptions>): ReturnType<typeof ldapSettings> =>
  ldapSettings({ ...DEFAULTS, ...options });

describe('options of directories', () => {
  it('name servers as OpenLDAP does', () => {
    const short = (urls: string): string[] =>
      ldapServers(urls).map(
        ({ host, port, isSecure, path }) => `${path ?? host}:${port}${isSecure ? ' tls' : ''}`,
      );
    expect(short('ldap://localhost')).to.deep.equal(['localhost:389']);
    expect(short('ldap://a,ldaps://b:1636 ldap://c/')).to.deep.equal(['a:389', 'b:1636 tls', 'c:389']);
    expect(short('ldap://a, ldap://b,')).to.deep.equal(['a:389', 'b:389']);
    expect(short('LDAPS://[fe80::1]:700/dc=x,dc=y??sub')).to.deep.equal(['fe80::1:700 tls']);
    expect(short('ldap://')).to.deep.equal(['localhost:389']);
    expect(short('ldapi://%2Frun%2Fslapd%2Fldapi')).to.deep.equal(['/run/slapd/ldapi:0']);
  });

  for (const url of [
    '',
    'localhost',
    'http://a',
    'ldap://a:b',
    'ldap://a:0',
    'ldap://a:99999',
    'ldap://u@h',
    'ldapi://x',
  ]) {
    it(`refuse the url "${url}"`, () => {
      expect(() => ldapServers(url)).to.throw(LdapOptionError, '[ldap] url');
    });
  }

  it('refuse StartTLS within ldaps', () => {
    expect(() => settings({ use_tls: true, url: 'ldap://a,ldaps://b' })).to.throw(LdapOptionError, 'use_tls');
    expect(settings({ use_tls: true })).to.include({ startTls: true });
  });

  it('bind only with name and password', () => {
    expect(settings({ user: 'cn=a', password: '' }).account).to.equal(null);
    expect(settings({ user: 'cn=a' }).account).to.equal(null);
    expect(settings({ password: 'p' }).account).to.equal(null);
    expect(settings({ user: 'cn=a', password: 'p' }).account).to.deep.equal({ dn: 'cn=a', password: 'p' });
  });

  it('never wait without end', () => {
    expect(settings({})).to.include({ connectTimeout: 10_000, answerTimeout: 30_000 });
    expect(settings({ pool_connection_timeout: 2 })).to.include({
      connectTimeout: 2000,
      answerTimeout: 2000,
    });
    expect(settings({ connection_timeout: 1, pool_connection_timeout: 5 })).to.include({
      connectTimeout: 1000,
      answerTimeout: 5000,
    });
  });

  it('keep connections as they are told', () => {
    expect(settings({})).to.deep.include({
      pool: { size: 10, lifetime: 600_000 },
      authPool: { size: 100, lifetime: 60_000 },
      attempts: 3,
      attemptDelay: 100,
    });
    expect(settings({ use_pool: false })).to.include({ pool: null, authPool: null });
    expect(settings({ use_auth_pool: false })).to.include({ authPool: null });
    expect(settings({ pool_retry_max: 0 })).to.include({ attempts: 1 });
  });

  it('follow aliases and referrals as they are told', () => {
    const dereferencing = (['default', 'never', 'searching', 'finding', 'always'] as const).map(
      (value) => settings({ alias_dereferencing: value }).dereferencing,
    );
    expect(dereferencing).to.deep.equal([0, 0, 1, 2, 3]);
    expect(
      [null, false, true].map((value) => settings({ chase_referrals: value }).chaseReferrals),
    ).to.deep.equal([false, false, true]);
  });

  it('spread workers over the servers', () => {
    const url = 'ldap://a,ldap://b,ldap://c';
    const firsts = new Set<string | undefined>();
    for (let turn = 0; turn < 200; turn += 1) {
      firsts.add(settings({ url, randomize_urls: true }).servers[0]?.host);
    }
    expect([...firsts]).to.have.members(['a', 'b', 'c']);
    expect(settings({ url }).servers.map(({ host }) => host)).to.deep.equal(['a', 'b', 'c']);
  });

  describe('on certificates', () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'keystone-ldap-'));
      writeFileSync(join(folder, 'ca.pem'), new TestCa('ca').certificate);
      writeFileSync(join(folder, 'text.pem'), 'no certificate');
    });
    after(() => rmSync(folder, { recursive: true }));
    const make = (options: Partial<LdapOptions>): LdapDirectory =>
      new LdapDirectory({ ...DEFAULTS, url: 'ldaps://localhost', ...options });

    it('name the file or folder that is wrong', () => {
      const missing = join(folder, 'missing');
      expect(() => make({ tls_cacertfile: missing })).to.throw(
        LdapOptionError,
        `tls_cacertfile = ${missing}`,
      );
      expect(() => make({ tls_cacertfile: folder })).to.throw(LdapOptionError, 'tls_cacertfile');
      expect(() => make({ tls_cacertdir: missing })).to.throw(LdapOptionError, `tls_cacertdir = ${missing}`);
      const text = join(folder, 'text.pem');
      expect(() => make({ tls_cacertfile: text })).to.throw(LdapOptionError, 'holds no certificates');
    });

    it('look at the file first, and at nothing without TLS', () => {
      make({ tls_cacertfile: join(folder, 'ca.pem'), tls_cacertdir: join(folder, 'missing') });
      make({ tls_cacertdir: folder });
      make({ url: 'ldap://localhost', tls_cacertfile: join(folder, 'missing') });
    });
  });
});
