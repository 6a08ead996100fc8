/** The same tests on every database that the service runs on, each with a database of its own in its final shape. */
import { type Database, dbSync, openDatabase } from '../../src/common/sql/index.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

/** @param define gets a function that gives the database from the first test on */
export function onEveryDatabase(define: (databaseOf: () => Database) => void): void {
  for (const kind of KINDS) {
    describe(`on ${kind}`, () => {
      let place: EmptyDatabase | undefined;
      let database: Database | undefined;

      before(async function open() {
        place = await emptyDatabase(this, kind);
        this.timeout(120_000);
        database = await openDatabase({ url: place.url, options: IMPATIENT });
        await dbSync(database);
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
