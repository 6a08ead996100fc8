/** What a value must satisfy beyond its type: checks of the service's own, done when the configuration is loaded. */
import type { ConfigValue } from '../common/config/declaration.js';
import { ValueProblem } from '../common/config/errors.js';
import { trustedProxies } from '../common/http/trusted_proxies.js';
import { compilePythonRegex, PythonRegexError } from '../common/python_regex.js';
import { parseSqlUrl, SqlUrlError } from '../common/sql/sqlalchemy_url.js';

export interface ValueCheck {
  readonly section: string;
  readonly option: string;
  /** @throws ValueProblem */
  readonly check: (value: ConfigValue) => void;
}

function checkSqlUrl(value: ConfigValue): void {
  if (typeof value !== 'string' || value === '') {
    return;
  }
  try {
    parseSqlUrl(value);
  } catch (error) {
    throw error instanceof SqlUrlError ? new ValueProblem(error.message) : error;
  }
}

/** Nothing works without a database, while no second one is the usual case. */
function checkConnection(value: ConfigValue): void {
  if (value === '') {
    throw new ValueProblem('it is empty; a URL such as mysql+pymysql://USER:PASSWORD@HOST/NAME is needed');
  }
  checkSqlUrl(value);
}

function checkNetworks(value: ConfigValue): void {
  try {
    trustedProxies(Array.isArray(value) ? value.map(String) : []);
  } catch {
    throw new ValueProblem('addresses such as 127.0.0.1 and networks such as 10.0.0.0/8 are needed');
  }
}

function checkRegex(value: ConfigValue): void {
  if (typeof value !== 'string' || value === '') {
    return;
  }
  try {
    compilePythonRegex(value, 'match');
  } catch (error) {
    throw error instanceof PythonRegexError
      ? new ValueProblem(`it is no regular expression of Python's that is known here: ${error.message}`)
      : error;
  }
}

/** For options that ask for protection that we cannot give: to go on without it would be worse than to stop. */
function refuseTrue(why: string): ValueCheck['check'] {
  return (value) => {
    if (value === true) {
      throw new ValueProblem(why);
    }
  };
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;
/** After it a time can neither be written in the API nor stored. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59);
/** The same for as long as any service runs, whatever day it is started on: what is issued until then ends in time. */
const ISSUED_UNTIL = Date.UTC(2100, 0, 1);

/**
 * For lifetimes: what lives longer could not even be issued.
 * @param unit what the option counts, in milliseconds
 */
function endsInTime(unit: number): ValueCheck['check'] {
  const longest = Math.floor((LAST_TIME - ISSUED_UNTIL) / unit);
  return (value) => {
    if (typeof value === 'number' && value > longest) {
      throw new ValueProblem(`${value} is too long, it would end after the year 9999; at most ${longest}`);
    }
  };
}

export const VALUE_CHECKS: readonly ValueCheck[] = [
  {
    section: 'cache',
    option: 'memcache_sasl_enabled',
    check: refuseTrue('SASL is not supported with memcached'),
  },
  { section: 'cache', option: 'tls_enabled', check: refuseTrue('TLS is not supported with memcached') },
  { section: 'database', option: 'connection', check: checkConnection },
  { section: 'database', option: 'slave_connection', check: checkSqlUrl },
  { section: 'keystone_koa', option: 'trusted_proxies', check: checkNetworks },
  { section: 'oauth1', option: 'access_token_duration', check: endsInTime(SECOND) },
  { section: 'oauth1', option: 'request_token_duration', check: endsInTime(SECOND) },
  { section: 'security_compliance', option: 'password_expires_days', check: endsInTime(DAY) },
  { section: 'security_compliance', option: 'password_regex', check: checkRegex },
  { section: 'token', option: 'expiration', check: endsInTime(SECOND) },
];
