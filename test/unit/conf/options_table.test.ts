import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type {
  ConfigValue,
  OptionDeclaration,
  SectionDeclaration,
} from '../../../src/common/config/declaration.js';
import { boundsOf } from '../../../src/common/config/values.js';
import { SECTIONS } from '../../../src/conf/index.js';

/** Every option of Newton: section, name, type, default, choices, bounds, former names and flags. */
const TABLE = new URL('../../fixtures/options.tsv', import.meta.url);

type Row = { readonly [column: string]: string };

function readTable(): readonly Row[] {
  const [header = '', ...lines] = readFileSync(TABLE, 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines.map((line) =>
    Object.fromEntries(line.split('\t').map((cell, index) => [columns[index] ?? '', cell])),
  );
}

/** A default in the words of the table. */
function defaultText(value: ConfigValue): string {
  if (value === null) {
    return '<None>';
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : value.join(',');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How a declaration reads as a row. */
function rowOf(section: string, name: string, declaration: OptionDeclaration): Row {
  const { min, max } = boundsOf(declaration.type, declaration);
  const former = (declaration.formerNames ?? []).map(
    (place) => `${place.group ?? section}/${place.name ?? name}`,
  );
  const yes = (flag: unknown): string => (flag === undefined || flag === false ? 'no' : 'yes');
  return {
    type: declaration.type,
    default: defaultText(declaration.default),
    choices: declaration.choices?.join('|') ?? '-',
    min: String(min ?? '-'),
    max: String(max ?? '-'),
    deprecated_names: former.toSorted().join(';') || '-',
    deprecated_for_removal: yes(declaration.deprecatedForRemoval),
    mutable: yes(declaration.mutable),
    secret: yes(declaration.secret),
  };
}

/** A row without what is only a manner of writing: quotes around blanks, an option as its own former name. */
function plainRow(row: Row): Row {
  const own = `${row['section']}/${row['name']}`;
  const former = (row['deprecated_names'] ?? '').split(';').filter((name) => name !== own);
  const isPort = row['type'] === 'port';
  const isDefaultNumber = row['type'] === 'float';
  return {
    type: row['type'] ?? '',
    default: isDefaultNumber
      ? String(Number(row['default']))
      : (row['default'] ?? '').replace(/^"(.*)"$/, '$1'),
    choices: row['choices'] ?? '',
    min: isPort ? '0' : (row['min'] ?? ''),
    max: isPort ? '65535' : (row['max'] ?? ''),
    deprecated_names: former.toSorted().join(';') || '-',
    deprecated_for_removal: row['deprecated_for_removal'] ?? '',
    mutable: row['mutable'] ?? '',
    secret: row['secret'] ?? '',
  };
}

/** Where we differ from Newton on purpose. */
const DIFFERENCES: { readonly [option: string]: Row } = {
  // What the table shows as unset is set when the service starts.
  'database.connection': { default: 'sqlite:///keystone.db' },
  // Later releases allow 0 for "no rule" and made it their default.
  'security_compliance.unique_last_password_count': { min: '0' },
  // Later releases have fractions of a second here.
  'cache.memcache_socket_timeout': { type: 'float' },
  // These can hold passwords.
  'cache.backend_argument': { secret: 'yes' },
  'profiler.connection_string': { secret: 'yes' },
  'profiler.hmac_keys': { secret: 'yes' },
  // Newton has code for the name of a mechanism, which its choices do not let through.
  'token.enforce_token_bind': { choices: 'disabled|permissive|strict|required|kerberos' },
  // 2^63 - 1 is not exact as a number of JavaScript.
  'token.cache_time': { max: String(Number.MAX_SAFE_INTEGER) },
  'token.expiration': { max: String(Number.MAX_SAFE_INTEGER) },
};

const sections: { readonly [name: string]: SectionDeclaration } = SECTIONS;

describe('the declared options', () => {
  const rows = readTable();

  it('are tested against a table that is whole', () => {
    expect(rows.length).to.be.greaterThan(430);
  });

  for (const row of rows) {
    const { section = '', name = '' } = row;
    it(`[${section}] ${name} is that of Newton`, () => {
      const declaration = sections[section]?.options[name];
      if (declaration === undefined) {
        return expect.fail('it is not declared');
      }
      expect(rowOf(section, name, declaration)).to.deep.equal({
        ...plainRow(row),
        ...DIFFERENCES[`${section}.${name}`],
      });
      return undefined;
    });
  }

  it('cover what later releases added and we have', () => {
    const later = {
      auth: ['application_credential', 'mapped'],
      credential: ['auth_ttl', 'caching', 'user_limit'],
      federation: ['default_authorization_ttl'],
      fernet_receipts: ['key_repository', 'max_active_keys'],
      identity: ['password_hash_algorithm', 'password_hash_rounds', 'salt_bytesize', 'scrypt_block_size'],
      jwt_tokens: ['jws_private_key_repository', 'jws_public_key_repository'],
      ldap: ['connection_timeout', 'randomize_urls'],
      security_compliance: ['change_password_upon_first_use'],
      token: ['allow_expired_window'],
      totp: ['included_previous_windows'],
    };
    for (const [section, names] of Object.entries(later)) {
      expect(sections[section]?.options, section).to.include.keys(names);
    }
  });

  it('all say what they mean, in a sentence', () => {
    for (const [section, { help, options }] of Object.entries(sections)) {
      expect(help, section).to.match(/^[A-Z].*\.$/s);
      for (const [name, declaration] of Object.entries(options)) {
        expect(declaration.help, `[${section}] ${name}`).to.match(/^[A-Z0-9].{8,}\.$/s);
      }
    }
  });

  it('say briefly why they change nothing or will go away, to be read within a sentence', () => {
    for (const [section, { options }] of Object.entries(sections)) {
      for (const [name, { inert, deprecatedForRemoval }] of Object.entries(options)) {
        for (const reason of [inert, deprecatedForRemoval]) {
          expect(reason ?? 'none', `[${section}] ${name}`).to.match(/^(?:[a-z]|\[|NDB|SASL|TLS|XML).*[^.]$/);
        }
      }
    }
  });

  it('that nothing reads say so', () => {
    const root = new URL('../../../src/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const texts = files.map((name) => readFileSync(new URL(name, root), 'utf8'));
    const readers = texts.filter((_text, index) => !files[index]?.startsWith('conf/sections/')).join('\n');
    const defaults = JSON.stringify(SECTIONS);
    const isRead = (name: string): boolean =>
      new RegExp(`\\b${name}\\b`).test(readers) ||
      readers.includes(name.replace(/_(?:create|update|delete)$/, '_${action}')) ||
      defaults.includes(`$${name}`);
    const silent = Object.entries(sections).flatMap(([section, { options }]) =>
      Object.entries(options)
        .filter(([name, { inert }]) => inert === undefined && !isRead(name))
        .map(([name]) => `[${section}] ${name}`),
    );
    expect(silent).to.deep.equal([]);
  });

  it('that look like a password are secret', () => {
    const open = Object.entries(sections).flatMap(([section, { options }]) =>
      Object.entries(options)
        .filter(
          ([name, { type, secret }]) =>
            type === 'str' && secret !== true && /password$|token$|transport_url$/.test(name),
        )
        .map(([name]) => `${section}.${name}`),
    );
    // These two name plugins.
    expect(open).to.have.members(['auth.password', 'auth.token']);
  });
});
