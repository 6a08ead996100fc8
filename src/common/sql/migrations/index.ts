/** `db_sync` and `db_version`. */
import type { MigrationError } from 'umzug';
import { getLogger } from '../../log/index.js';
import { installChangeCounter } from '../changes/install.js';
import { SqlDatabase } from '../database.js';
import { DatabaseError } from '../errors.js';
import type { Database } from '../types.js';
import { inspect } from './inspect.js';
import { detectOrigin, NEWTON_VERSION, type Origin, STEP_TABLE } from './origin.js';
import { type MigrationSession, migrationSession, type ReadSession, readSession } from './session.js';
import { PHASES, type Phase, STEPS, type Step } from './steps.js';

export type { Origin, Phase };

const log = getLogger('keystone.common.sql');

export interface SyncOptions {
  /** One phase of a rolling upgrade; without it all three. */
  readonly phase?: Phase;
  /** Told what is done, in words for the operator. */
  readonly onProgress?: (text: string) => void;
}

export interface DatabaseVersion {
  readonly origin: Origin['kind'];
  /** The last step of each phase that has run; null: none. */
  readonly phases: Readonly<Record<Phase, string | null>>;
  /** What Newton's `db_version` would print: its main repository's version, 0 when nothing is there. */
  readonly version: number;
  /** Whether all steps have run. */
  readonly complete: boolean;
}

function asSqlDatabase(database: Database): SqlDatabase {
  if (!(database instanceof SqlDatabase)) throw new TypeError('not a database of common/sql');
  return database;
}

/** Names of the steps that have run, none where our bookkeeping is missing. */
async function recordedSteps(session: ReadSession): Promise<string[]> {
  if (!(await inspect(session)).has(STEP_TABLE)) return [];
  const rows = await session.all(`SELECT name FROM ${STEP_TABLE} ORDER BY name`);
  return rows.map((row) => String(row['name']));
}

async function recordStep(session: MigrationSession, step: Step): Promise<void> {
  if (!(await inspect(session)).has(STEP_TABLE)) {
    const time = session.dialect === 'postgres' ? 'TIMESTAMP WITHOUT TIME ZONE' : 'DATETIME';
    await session.run(
      `CREATE TABLE ${STEP_TABLE} (name VARCHAR(255) NOT NULL, phase VARCHAR(16) NOT NULL, applied_at ${time} NOT NULL, PRIMARY KEY (name))`,
    );
  }
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  await session.run(`INSERT INTO ${STEP_TABLE} (name, phase, applied_at) VALUES (?, ?, ?)`, [
    step.name,
    step.phase,
    now,
  ]);
}

/** Runs a step and records it in one session, unless another node has done so meanwhile. */
function runStep(database: SqlDatabase, step: Step, report: (text: string) => void): Promise<void> {
  return migrationSession(database, async (session) => {
    if ((await recordedSteps(session)).includes(step.name)) return;
    await step.up(session, report);
    await recordStep(session, step);
  });
}

/**
 * Brings an empty database, or one of Newton to Zed, to our schema.
 * @throws DatabaseError when the database cannot be taken over, when a phase is asked for before the one it builds
 *         on, or when the data contradict a constraint: the message says what to do
 */
export async function dbSync(database: Database, options: SyncOptions = {}): Promise<void> {
  const sql = asSqlDatabase(database);
  const report = options.onProgress ?? (() => undefined);
  const session = readSession(sql);
  await detectOrigin(session);
  const done = await recordedSteps(session);
  const phases = options.phase === undefined ? PHASES : [options.phase];
  const earlier = PHASES.slice(0, PHASES.indexOf(phases[0] ?? 'expand'));
  const missing = STEPS.find((step) => earlier.includes(step.phase) && !done.includes(step.name));
  if (missing !== undefined) throw new DatabaseError(`run db_sync --${missing.phase} first`);

  // A service only looks at the schema: it does without what changes one.
  const { MigrationError: Failure, Umzug } = await import('umzug');
  const umzug = new Umzug({
    migrations: STEPS.filter((step) => phases.includes(step.phase)).map((step) => ({
      name: step.name,
      up: () => runStep(sql, step, report),
    })),
    // Steps record themselves, in the transaction of what they do.
    storage: {
      executed: () => recordedSteps(session),
      logMigration: () => Promise.resolve(),
      unlogMigration: () => Promise.reject(new DatabaseError('the schema cannot be downgraded')),
    },
    logger: undefined,
  });
  umzug.on('migrating', ({ name }) => report(`step ${name}`));
  try {
    await umzug.up();
  } catch (error) {
    throw error instanceof Failure ? explain(error) : error;
  }
  // Each time: steps make tables anew, and so lose triggers.
  const refusal = await installChangeCounter(sql, report);
  if (refusal !== null) {
    const text = `No triggers were made, so that validated tokens are not kept in memory: ${refusal}`;
    report(text);
    log.warn(text);
  }
}

/** For the operator at the console: the step, and what the database itself said. */
function explain(error: MigrationError): DatabaseError {
  let innermost: unknown = error.cause;
  const own = innermost;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const message = own instanceof Error ? own.message : String(own);
  const detail = innermost instanceof Error && innermost !== own ? ` (${innermost.message})` : '';
  return new DatabaseError(`${error.migration.name}: ${message}${detail}`, { cause: own });
}

/** How far a database is. @throws DatabaseError when it is none that we can take over */
export function dbVersion(database: Database): Promise<DatabaseVersion> {
  return versionSeenBy(readSession(asSqlDatabase(database)));
}

/** The same for one that is only looked at. @throws DatabaseError when it is none that we can take over */
export async function versionSeenBy(session: ReadSession): Promise<DatabaseVersion> {
  const origin = await detectOrigin(session);
  const done = await recordedSteps(session);
  const last = (phase: Phase): string | null =>
    STEPS.findLast((step) => step.phase === phase && done.includes(step.name))?.name ?? null;
  return {
    origin: origin.kind,
    phases: { expand: last('expand'), migrate: last('migrate'), contract: last('contract') },
    version: versionOf(origin, done),
    complete: STEPS.every((step) => done.includes(step.name)),
  };
}

function versionOf(origin: Origin, done: readonly string[]): number {
  if (origin.kind === 'migrate') return origin.versions.get('keystone') ?? NEWTON_VERSION;
  const expanded = STEPS.every((step) => step.phase !== 'expand' || done.includes(step.name));
  return origin.kind === 'alembic' || expanded ? NEWTON_VERSION : 0;
}
