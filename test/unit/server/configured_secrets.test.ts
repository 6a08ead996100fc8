/** Which texts of the configuration no line of the log may show. */
import { expect } from 'chai';
import { loadConf } from '../../../src/conf/index.js';
import { configuredSecrets } from '../../../src/server/configured_secrets.js';

describe('server/configured_secrets', () => {
  const secretsOf = (overrides: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] =>
    configuredSecrets(loadConf({ sources: [], env: { HOME: '/' }, overrides }));

  it('are the options that are declared secret, and the passwords within addresses', () => {
    const found = secretsOf({
      ldap: { password: 'of the directory' },
      database: { connection: 'mysql://keystone:of-the-database@db/keystone' },
    });
    expect(found).to.have.members(['of the directory', 'of-the-database']);
  });

  for (const [argument, secret] of [
    ['password:of-the-cache', 'of-the-cache'],
    ['url:redis://keystone:of-redis@cache:6379/0', 'of-redis'],
    ['db_hosts:keystone:of-mongo@cache:27017', 'of-mongo'],
  ] as const) {
    it(`are passwords among the arguments of the cache, as in ${argument}, and nothing else of them`, () => {
      expect(secretsOf({ cache: { backend_argument: argument } })).to.deep.equal([secret]);
    });
  }

  it('are no addresses without a password', () => {
    for (const argument of ['url:127.0.0.1:11211', 'host:localhost', 'url:redis://cache:6379/0', 'odd']) {
      expect(secretsOf({ cache: { backend_argument: argument } }), argument).to.deep.equal([]);
    }
  });
});
