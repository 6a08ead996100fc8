/** Who made a database, told by the bookkeeping that each release leaves in it. */
import { DatabaseError } from '../errors.js';
import { type FoundTables, inspect } from './inspect.js';
import type { ReadSession } from './session.js';

/** Our own bookkeeping: which steps have run. */
export const STEP_TABLE = 'keystone_koa_migration';
/** Of Keystone up to Xena (sqlalchemy-migrate). */
const MIGRATE_TABLE = 'migrate_version';
/** Of Keystone since Yoga. */
export const ALEMBIC_TABLE = 'alembic_version';

/** What Keystone 22 (Zed) writes when everything is done: so it takes our database for its own. */
export const ZED_HEADS = ['e25ffa003242', '29e87d24a316'] as const;
const KNOWN_REVISIONS = new Set<string>([...ZED_HEADS, '27e647c0fad4']);
/** The last version of the main repository in Newton, and of the three that accompany it. */
export const NEWTON_VERSION = 109;
const NEWTON_PHASES = { keystone_expand: 4, keystone_data_migrate: 4, keystone_contract: 4 } as const;

export type Origin =
  | { readonly kind: 'empty' }
  | { readonly kind: 'ours' }
  /** Newton to Xena. `versions` by repository. */
  | { readonly kind: 'migrate'; readonly versions: ReadonlyMap<string, number> }
  /** Yoga and Zed. */
  | { readonly kind: 'alembic'; readonly heads: readonly string[] };

/** @throws DatabaseError when the database is none that we can take over: the message says why */
export async function detectOrigin(session: ReadSession): Promise<Origin> {
  const found = await inspect(session);
  if (found.has(STEP_TABLE) && (await session.all(`SELECT name FROM ${STEP_TABLE}`)).length > 0) {
    return { kind: 'ours' };
  }
  if (found.has(ALEMBIC_TABLE)) {
    const rows = await session.all(`SELECT version_num FROM ${ALEMBIC_TABLE}`);
    if (rows.length > 0) return checkHeads(rows.map((row) => String(row['version_num'])));
  }
  if (found.has(MIGRATE_TABLE)) {
    const rows = await session.all(`SELECT repository_id, version FROM ${MIGRATE_TABLE}`);
    if (rows.length > 0) {
      return checkVersions(
        new Map(rows.map((row) => [String(row['repository_id']), Number(row['version'])])),
      );
    }
  }
  return checkEmpty(found);
}

function checkHeads(heads: readonly string[]): Origin {
  const unknown = heads.filter((head) => !KNOWN_REVISIONS.has(head));
  if (unknown.length > 0) {
    throw new DatabaseError(
      `the database belongs to a later release than Zed (alembic revision ${unknown.join(', ')})`,
    );
  }
  return { kind: 'alembic', heads };
}

function checkVersions(versions: ReadonlyMap<string, number>): Origin {
  const main = versions.get('keystone') ?? 0;
  const later = versions.get('keystone_expand') ?? 0;
  // Later releases squashed the main repository away.
  if (main < NEWTON_VERSION && later <= NEWTON_PHASES.keystone_expand) {
    throw new DatabaseError(
      `the database is that of a release before Newton (version ${main}): bring it to ${NEWTON_VERSION} with Newton's db_sync first`,
    );
  }
  const unfinished = Object.entries(NEWTON_PHASES).find(([name, least]) => (versions.get(name) ?? 0) < least);
  if (unfinished !== undefined) {
    throw new DatabaseError(
      `an upgrade to Newton was left unfinished (${unfinished[0]} is at ${versions.get(unfinished[0]) ?? 0} of ${unfinished[1]}): finish it with Newton's db_sync first`,
    );
  }
  return { kind: 'migrate', versions };
}

function checkEmpty(found: FoundTables): Origin {
  const others = [...found.keys()].filter(
    (name) => ![STEP_TABLE, MIGRATE_TABLE, ALEMBIC_TABLE].includes(name),
  );
  if (others.length > 0) {
    throw new DatabaseError(
      `the database holds tables (${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}) but nothing says which release of Keystone made them`,
    );
  }
  return { kind: 'empty' };
}
