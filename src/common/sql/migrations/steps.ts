/**
 * The steps from whatever is found to our schema, by phase. Each can start again in the middle and does nothing where
 * there is nothing to do; so the same steps serve an empty database and those of Newton to Zed. A later change of the
 * schema is a further step: change the models and add steps that bring existing tables to them.
 */
import { tables } from '../models/index.js';
import { applyConstraints } from './contract.js';
import { migrateData } from './data.js';
import { addMissing, type Report } from './expand.js';
import { inspect } from './inspect.js';
import { ALEMBIC_TABLE, ZED_HEADS } from './origin.js';
import type { MigrationSession } from './session.js';

/** As in `db_sync --expand`, `--migrate` and `--contract`, in this order. */
export const PHASES = ['expand', 'migrate', 'contract'] as const;
export type Phase = (typeof PHASES)[number];

export interface Step {
  readonly name: string;
  readonly phase: Phase;
  up(session: MigrationSession, report: Report): Promise<void>;
}

const declared = Object.values(tables);

export const STEPS: readonly Step[] = [
  {
    name: 'expand-001-tables-of-zed',
    phase: 'expand',
    up: (session, report) => addMissing(session, declared, report),
  },
  {
    name: 'expand-002-index-of-revocations',
    phase: 'expand',
    up: (session, report) => addMissing(session, [tables.revocation_event], report),
  },
  {
    name: 'migrate-001-data-of-newton',
    phase: 'migrate',
    up: migrateData,
  },
  {
    // What an old release wrote after `--migrate`.
    name: 'contract-001-late-rows',
    phase: 'contract',
    up: migrateData,
  },
  {
    name: 'contract-002-constraints-of-zed',
    phase: 'contract',
    up: (session, report) => applyConstraints(session, declared, report),
  },
  {
    name: 'contract-003-open-to-zed',
    phase: 'contract',
    up: markAsZed,
  },
];

/** Writes the bookkeeping of Keystone 22, which so opens the database as it is. */
async function markAsZed(session: MigrationSession, report: Report): Promise<void> {
  if (!(await inspect(session)).has(ALEMBIC_TABLE)) {
    await session.run(
      `CREATE TABLE ${ALEMBIC_TABLE} (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))`,
    );
  }
  await session.run(`DELETE FROM ${ALEMBIC_TABLE}`);
  for (const head of ZED_HEADS)
    await session.run(`INSERT INTO ${ALEMBIC_TABLE} (version_num) VALUES (?)`, [head]);
  report('marked as a database of Keystone 22');
}
