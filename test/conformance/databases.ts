/** The same tests on every database that the service runs on, each with a database of its own in its final shape. */
import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { type Database, dbSync, openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { useService } from '../support/services/index.js';
import {
  type EmptyDatabase,
  emptyDatabase,
  IMPATIENT,
  KINDS,
  type Kind,
} from '../unit/common/sql/support.js';

const fileOf = (url: string): string => url.replace('sqlite:///', '');
/** Of the same server as `url`. */
const siblingOf = (url: string, name: string): string => url.replace(/\/[^/]*$/, `/${name}`);

/** With its tables, and without connections. */
async function finished(context: Mocha.Context, kind: Kind): Promise<EmptyDatabase> {
  const place = await emptyDatabase(context, kind);
  const database = await openDatabase({ url: place.url, options: IMPATIENT });
  await dbSync(database);
  await database.close();
  return place;
}

/** What is copied instead of made again, until the last test. */
const templates = new Map<Kind, Promise<EmptyDatabase>>();

function templateOf(context: Mocha.Context, kind: Kind): Promise<EmptyDatabase> {
  const known = templates.get(kind);
  if (known !== undefined) return known;
  const making = finished(context, kind);
  templates.set(kind, making);
  let suite = context.runnable().parent;
  while (suite?.parent !== undefined) suite = suite.parent;
  // A server of this process may have stopped before.
  suite?.afterAll('remove a template', async () => (await making).remove().catch(() => undefined));
  return making;
}

async function finishedDatabase(context: Mocha.Context, kind: Kind): Promise<EmptyDatabase> {
  // MariaDB copies no databases.
  if (kind === 'mariadb') return finished(context, kind);
  const { url: source } = await templateOf(context, kind);
  if (kind === 'sqlite') {
    const place = await emptyDatabase(context, kind);
    await copyFile(fileOf(source), fileOf(place.url));
    return place;
  }
  const maintenance = await useService(context, 'postgres');
  const administer = async (text: string): Promise<void> => {
    const server = await openDatabase({ url: maintenance, options: IMPATIENT });
    await server.execute(prepareSql({ text, once: true }));
    await server.close();
  };
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${source.replace(/^.*\//, '')}`);
  return { url: siblingOf(source, name), remove: () => administer(`DROP DATABASE ${name}`) };
}

/** @param define gets a function that gives the database from the first test on */
export function onEveryDatabase(define: (databaseOf: () => Database) => void): void {
  for (const kind of KINDS) {
    describe(`on ${kind}`, () => {
      let place: EmptyDatabase | undefined;
      let database: Database | undefined;

      before(async function open() {
        this.timeout(120_000);
        place = await finishedDatabase(this, kind);
        database = await openDatabase({ url: place.url, options: IMPATIENT });
      });
      after(async () => {
        await database?.close();
        await place?.remove();
      });

      define(() => {
        if (database === undefined) throw new Error('the database is open in tests and hooks only');
        return database;
      });
    });
  }
}
