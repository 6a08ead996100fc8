import { expect } from 'chai';
import {
  parseSqlUrl,
  printableSqlUrl,
  type SqlUrl,
  SqlUrlError,
} from '../../../../src/common/sql/sqlalchemy_url.js';
import { cpuTime } from '../../../support/cpu_time.js';

const NOTHING: SqlUrl = {
  dialect: 'sqlite',
  driver: null,
  host: null,
  port: null,
  user: null,
  password: null,
  database: null,
  path: null,
  query: {},
};

describe('a database URL of SQLAlchemy', () => {
  const cases: { readonly [url: string]: Partial<SqlUrl> } = {
    'sqlite:///keystone.db': { path: 'keystone.db' },
    'sqlite:////var/lib/keystone/k s.db?timeout=3': {
      path: '/var/lib/keystone/k s.db',
      query: { timeout: '3' },
    },
    'sqlite+pysqlite://': { driver: 'pysqlite' },
    'sqlite:///:memory:': {},
    'mysql://u:p@h/db': { dialect: 'mysql', user: 'u', password: 'p', host: 'h', database: 'db' },
    'mysql+pymysql://keystone:p%40ss%2Fw%25%C3%A9@db.example.com:3306/keystone?charset=utf8': {
      dialect: 'mysql',
      driver: 'pymysql',
      user: 'keystone',
      password: 'p@ss/w%é',
      host: 'db.example.com',
      port: 3306,
      database: 'keystone',
      query: { charset: 'utf8' },
    },
    'mysql+mysqldb://u@h/db': { dialect: 'mysql', driver: 'mysqldb', user: 'u', host: 'h', database: 'db' },
    'MariaDB+pymysql://h/db': { dialect: 'mysql', driver: 'pymysql', host: 'h', database: 'db' },
    'postgresql+psycopg2://u:@h/db': {
      dialect: 'postgres',
      driver: 'psycopg2',
      user: 'u',
      password: '',
      host: 'h',
      database: 'db',
    },
    'postgresql://u:p@[2001:db8::1]:5432/db': {
      dialect: 'postgres',
      user: 'u',
      password: 'p',
      host: '2001:db8::1',
      port: 5432,
      database: 'db',
    },
    'postgresql:///db?host=/run/postgresql': {
      dialect: 'postgres',
      database: 'db',
      query: { host: '/run/postgresql' },
    },
    'postgresql:///db?host=/run/postgresql&port=5433&user=u&password=p%40s': {
      dialect: 'postgres',
      user: 'u',
      password: 'p@s',
      port: 5433,
      database: 'db',
      query: { host: '/run/postgresql', port: '5433', user: 'u', password: 'p@s' },
    },
    'mysql://u:p@localhost/db?unix_socket=/run/my.sock&x=1&x=2': {
      dialect: 'mysql',
      user: 'u',
      password: 'p',
      host: 'localhost',
      database: 'db',
      query: { unix_socket: '/run/my.sock', x: '2' },
    },
    'mysql://u:a/b:c+d#e;f=g$h?i@h:1/db': {
      dialect: 'mysql',
      user: 'u',
      password: 'a/b:c+d#e;f=g$h?i',
      host: 'h',
      port: 1,
      database: 'db',
    },
    'mysql://u:100%zz@h/db': { dialect: 'mysql', user: 'u', password: '100%zz', host: 'h', database: 'db' },
    'mysql://u:p@ss@h/db': { dialect: 'mysql', user: 'u', password: 'p@ss', host: 'h', database: 'db' },
    'mysql://u:p@h/d@b': { dialect: 'mysql', user: 'u', password: 'p', host: 'h', database: 'd@b' },
  };
  for (const [url, expected] of Object.entries(cases)) {
    it(`is understood: ${url}`, () => {
      expect(parseSqlUrl(url)).to.deep.equal({ ...NOTHING, ...expected });
    });
  }

  const wrong: { readonly [url: string]: RegExp } = {
    '': /a URL such as/,
    'keystone.db': /a URL such as/,
    'mysql:u:s3cret@h/db': /a URL such as/,
    'oracle://u:s3cret@h/db': /sqlite, mysql/,
    'mysql://u:s3cret@h:abc/db': /port/,
    'mysql://u:s3cret@h:70000/db': /port/,
    'postgresql://u:s3cret@/db?host=/run&port=0': /port/,
    'mysql://u:s3cret%ff@h/db': /UTF-8/,
    'mysql://u:s3cret@h': /name of the database/,
    'mysql://u:s3cret@[::1/db': /told apart/,
    'sqlite://host/x.db': /no host/,
    'sqlite:///file:s3cret?uri=true': /not supported/,
  };
  for (const [url, reason] of Object.entries(wrong)) {
    it(`is refused: ${url === '' ? 'nothing' : url}`, () => {
      expect(() => parseSqlUrl(url))
        .to.throw(SqlUrlError, reason)
        .with.property('message')
        .not.contain('s3cret');
    });
  }

  it('takes no time over nonsense', async () => {
    const took = await cpuTime(() =>
      expect(() => parseSqlUrl(`mysql://u:${'@:'.repeat(2000)}`)).to.throw(SqlUrlError),
    );
    expect(took).to.be.below(1000);
  });

  it('is printed without its password and parameters', () => {
    const printed = (url: string): string => printableSqlUrl(parseSqlUrl(url));
    expect(printed('mysql+pymysql://k:s3cret@[::1]:3306/d?password=s3cret')).to.equal(
      'mysql+pymysql://k:***@[::1]:3306/d',
    );
    expect(printed('postgresql:///d')).to.equal('postgres:///d');
    expect(printed('sqlite:////var/k.db')).to.equal('sqlite:////var/k.db');
    expect(printed('sqlite://')).to.equal('sqlite://');
  });
});
