/** The same tests on every database that the service runs on, each with a database of its own in its final shape. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { type Database, dbSync, openDatabase } from '../../src/common/sql/index.js';
import { type ServiceName, useService } from '../support/services/index.js';

const SERVERS: readonly ServiceName[] = ['mariadb', 'postgres'];

/** @param define gets a function that gives the database from the first test on */
export function onEveryDatabase(define: (databaseOf: () => Database) => void): void {
  for (const kind of ['sqlite', ...SERVERS] as const) {
    describe(`on ${kind}`, () => {
      let opened: { database: Database; remove(): Promise<void> } | undefined;

      before(async function open() {
        opened = kind === 'sqlite' ? await onSqlite() : await onServer(await useService(this, kind));
        this.timeout(60_000);
        await dbSync(opened.database);
      });
      after(async () => {
        await opened?.database.close();
        await opened?.remove();
      });

      define(() => {
        if (opened === undefined) throw new Error('the database is open in tests and hooks only');
        return opened.database;
      });
    });
  }
}

async function onSqlite(): Promise<{ database: Database; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-database-'));
  const database = await openDatabase({ url: `sqlite:///${join(folder, 'keystone.db')}` });
  return { database, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** @param address SQLAlchemy URL of the server's maintenance database */
async function onServer(address: string): Promise<{ database: Database; remove(): Promise<void> }> {
  const name = `keystone_${uuidHex().slice(0, 12)}`;
  const administer = async (statement: string): Promise<void> => {
    const server = await openDatabase({ url: address });
    await server.sequelize.query(statement);
    await server.close();
  };
  await administer(`CREATE DATABASE ${name}`);
  const database = await openDatabase({ url: address.replace(/\/[^/]*$/, `/${name}`) });
  return { database, remove: () => administer(`DROP DATABASE ${name}`) };
}
