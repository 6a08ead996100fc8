import { dbVersion } from '../../common/sql/index.js';
import { foundIf, type Symptom } from './symptom.js';

export const databaseSchemaIsNotComplete: Symptom = {
  name: 'database_schema_is_not_complete',
  what: 'The tables are not those of this release.',
  why: 'The service does not start without tables, and may fail on old ones.',
  advice: 'Run keystone-manage db_sync.',
  async look({ database }) {
    // That it cannot be reached is another symptom.
    const reached = await database().catch(() => null);
    if (reached === null) return [];
    const { version, complete } = await dbVersion(reached);
    return foundIf(!complete, version === 0 ? 'there are no tables' : `the version is ${version}`);
  },
};
