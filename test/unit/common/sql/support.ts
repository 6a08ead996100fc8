/** Databases for the tests of `common/sql`: empty ones on every server, and a second look at them. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, prepareSql } from '../../../../src/common/sql/index.js';
import { useService } from '../../../support/services/index.js';

export const KINDS = ['sqlite', 'mariadb', 'postgres'] as const;
export type Kind = (typeof KINDS)[number];

/** Fast enough to fail at once when something is wrong. */
export const IMPATIENT = { max_retries: 0, sqlite_synchronous: false } as const;

export interface EmptyDatabase {
  /** SQLAlchemy URL. */
  readonly url: string;
  readonly remove: () => Promise<void>;
}

async function administer(url: string, statement: string): Promise<void> {
  const server = await openDatabase({ url, options: IMPATIENT });
  await server.execute(prepareSql({ text: statement, once: true }));
  await server.close();
}

/** A new, empty database, to be removed by the caller. Skips the caller's tests without the server. */
export async function emptyDatabase(context: Mocha.Context, kind: Kind): Promise<EmptyDatabase> {
  // Tables are made afterwards: seconds, and more on a busy machine.
  context.timeout(120_000);
  if (kind === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-sql-'));
    return {
      url: `sqlite:///${join(folder, 'keystone.db')}`,
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  }
  const server = await useService(context, kind);
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await administer(server, `CREATE DATABASE ${name}`);
  return {
    url: server.replace(/\/[^/]*$/, `/${name}`),
    remove: () => administer(server, `DROP DATABASE ${name}`),
  };
}
