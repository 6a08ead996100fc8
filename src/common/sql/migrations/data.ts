/**
 * The data of Newton and the releases up to Zed in the columns that later code reads. Each step finds the rows that
 * still lack something, in portions, and can be repeated at any time: rows that an old release writes meanwhile are
 * caught by the next run.
 */
import { randomUUID } from 'node:crypto';
import type { Dialect } from '../types.js';
import { quote } from './ddl.js';
import type { Report } from './expand.js';
import type { MigrationSession } from './session.js';

/** The row that all domains belong to, as Keystone seeds it. */
export const ROOT_DOMAIN = '<<keystone.domain.root>>';
/** Rows per statement. */
const PORTION = 1000;

/** Microseconds since 1970 of a time column. */
const MICROSECONDS: Readonly<Record<Dialect, (column: string) => string>> = {
  sqlite: (column) =>
    `CAST(strftime('%s', ${column}) AS INTEGER) * 1000000 + CAST(substr(${column} || '.000000', 21, 6) AS INTEGER)`,
  mysql: (column) => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', ${column})`,
  postgres: (column) => `CAST(EXTRACT(EPOCH FROM ${column}) * 1000000 AS BIGINT)`,
};

/** Updates the rows that a condition names, a portion at a time; `assignment` must make the condition false. */
async function inPortions(
  session: MigrationSession,
  report: Report,
  step: {
    readonly table: string;
    readonly what: string;
    readonly assignment: string;
    readonly condition: string;
  },
): Promise<void> {
  const table = quote(step.table);
  const statement = `UPDATE ${table} SET ${step.assignment} WHERE id IN
    (SELECT id FROM (SELECT id FROM ${table} WHERE ${step.condition} LIMIT ${PORTION}) AS chosen)`;
  let total = 0;
  for (;;) {
    const count = await session.run(statement);
    if (count === 0) break;
    total += count;
    report(`${step.what}: ${total} rows`);
  }
}

export async function migratePasswords(session: MigrationSession, report: Report): Promise<void> {
  const microseconds = MICROSECONDS[session.dialect];
  await inPortions(session, report, {
    table: 'password',
    what: 'password hashes copied',
    assignment: 'password_hash = password',
    condition: 'password_hash IS NULL AND password IS NOT NULL',
  });
  await inPortions(session, report, {
    table: 'password',
    what: 'creation times of passwords copied',
    assignment: `created_at_int = ${microseconds('created_at')}`,
    condition: "created_at_int = 0 AND created_at > '1970-01-01 00:00:01'",
  });
  await inPortions(session, report, {
    table: 'password',
    what: 'expiry times of passwords copied',
    assignment: `expires_at_int = ${microseconds('expires_at')}`,
    condition: 'expires_at_int IS NULL AND expires_at IS NOT NULL',
  });
}

export function migrateTrusts(session: MigrationSession, report: Report): Promise<void> {
  return inPortions(session, report, {
    table: 'trust',
    what: 'expiry times of trusts copied',
    assignment: `expires_at_int = ${MICROSECONDS[session.dialect]('expires_at')}`,
    condition: 'expires_at_int IS NULL AND expires_at IS NOT NULL',
  });
}

export async function seedRootDomain(session: MigrationSession, report: Report): Promise<void> {
  const known = await session.all('SELECT id FROM project WHERE id = ?', [ROOT_DOMAIN]);
  if (known.length > 0) return;
  const no = session.dialect === 'postgres' ? false : 0;
  const yes = session.dialect === 'postgres' ? true : 1;
  await session.run(
    'INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [ROOT_DOMAIN, ROOT_DOMAIN, '{}', '', no, ROOT_DOMAIN, null, yes],
  );
  report('root domain made');
}

/** Later releases keep the users of each identity provider in a domain of its own. */
export async function giveProvidersDomains(session: MigrationSession, report: Report): Promise<void> {
  const yes = session.dialect === 'postgres' ? true : 1;
  const providers = await session.all('SELECT id FROM identity_provider WHERE domain_id IS NULL');
  for (const { id } of providers) {
    const domain = randomUUID().replaceAll('-', '');
    const description = `Auto generated federated domain for Identity Provider: ${String(id)}`;
    await session.run(
      'INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      [domain, domain, '{}', description, yes, ROOT_DOMAIN, null, yes],
    );
    await session.run('UPDATE identity_provider SET domain_id = ? WHERE id = ?', [domain, String(id)]);
    report(`domain ${domain} made for the identity provider ${String(id)}`);
  }
}

/** A user's domain from its local, non-local or federated row; rows that belong to nothing go to the root domain. */
export async function giveUsersDomains(session: MigrationSession, report: Report): Promise<void> {
  const user = quote('user');
  const sources = [
    `(SELECT MIN(l.domain_id) FROM local_user l WHERE l.user_id = ${user}.id)`,
    `(SELECT MIN(n.domain_id) FROM nonlocal_user n WHERE n.user_id = ${user}.id)`,
    `(SELECT MIN(p.domain_id) FROM federated_user f JOIN identity_provider p ON p.id = f.idp_id WHERE f.user_id = ${user}.id)`,
  ];
  await inPortions(session, report, {
    table: 'user',
    what: 'domains of users filled in',
    assignment: `domain_id = COALESCE(${sources.join(', ')}, '${ROOT_DOMAIN}')`,
    condition: 'domain_id IS NULL',
  });
}

/** Newton kept a role's description among the extra attributes. */
export async function migrateRoleDescriptions(session: MigrationSession, report: Report): Promise<void> {
  const rows = await session.all(
    `SELECT id, extra FROM role WHERE description IS NULL AND extra LIKE '%"description"%'`,
  );
  for (const { id, extra } of rows) {
    const attributes: unknown = JSON.parse(String(extra));
    if (attributes === null || typeof attributes !== 'object' || !('description' in attributes)) continue;
    const { description, ...rest } = attributes;
    if (typeof description !== 'string' || description.length > 255) continue;
    await session.run('UPDATE role SET description = ?, extra = ? WHERE id = ?', [
      description,
      JSON.stringify(rest),
      String(id),
    ]);
  }
  if (rows.length > 0) report(`descriptions of ${rows.length} roles moved`);
}

/** All of it, in the order in which it builds on itself. */
export async function migrateData(session: MigrationSession, report: Report): Promise<void> {
  await seedRootDomain(session, report);
  await migratePasswords(session, report);
  await migrateTrusts(session, report);
  await giveProvidersDomains(session, report);
  await giveUsersDomains(session, report);
  await migrateRoleDescriptions(session, report);
}
