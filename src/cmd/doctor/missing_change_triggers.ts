import { missingTriggers } from '../../common/sql/changes/install.js';
import { dbVersion } from '../../common/sql/index.js';
import { readSession } from '../../common/sql/migrations/session.js';
import type { Symptom } from './symptom.js';

export const missingChangeTriggers: Symptom = {
  name: 'missing_change_triggers',
  what: 'The database does not tell when something has changed.',
  why: 'Without its triggers no process can trust what it has kept of tokens: each request asks the database for everything.',
  advice:
    'Run keystone-manage db_sync; on MariaDB and MySQL its user needs the right to make triggers, and with binary logs log_bin_trust_function_creators.',
  async look({ database }) {
    const reached = await database().catch(() => null);
    // That there are no tables is another symptom.
    if (reached === null || (await dbVersion(reached)).version === 0) return [];
    const missing = await missingTriggers(readSession(reached));
    const tables = [...new Set(missing.map(({ table }) => table))];
    return tables.length === 0 ? [] : [`${missing.length} are missing: ${tables.join(', ')}`];
  },
};
