/** A process of `sqlite.test.ts`: counts a number in a row up, each time in a transaction of its own. */
import { openDatabase } from '../../../../src/common/sql/index.js';

const [url = '', times = '0'] = process.argv.slice(2);
const database = await openDatabase({ url, options: { sqlite_synchronous: false } });
for (let time = 0; time < Number(times); time += 1) {
  await database.transaction(async () => {
    const row = await database.table('role').get('counter');
    const description = String(Number(row?.description) + 1);
    await database.table('role').update({ id: 'counter' }, { description });
  });
}
await database.close();
