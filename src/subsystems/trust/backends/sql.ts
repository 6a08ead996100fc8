/** Trusts in the SQL tables `trust` and `trust_role`. */
import { Conflict } from '../../../common/errors.js';
import { unpackExtra } from '../../../common/sql/extra.js';
import { type Database, DuplicateError, prepareSql, type TrustRow } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { TrustDriver, TrustQuery } from '../driver.js';
import type { Trust } from '../types.js';

const ROLE_IDS = prepareSql({
  text: 'SELECT role_id FROM trust_role WHERE trust_id = ? ORDER BY role_id',
  columns: { role_id: 'text' },
});

/** One statement decides: of many that ask at once, no more get a use than there are. */
const TAKE_USE = prepareSql({
  text: 'UPDATE trust SET remaining_uses = remaining_uses - 1 WHERE id = ? AND deleted_at IS NULL AND remaining_uses > 0',
});

/** Keystone 10 keeps these in `extra`, and the roles a second time. */
const KEPT_IN_EXTRA: ReadonlySet<string> = new Set(['redelegated_trust_id', 'redelegation_count', 'roles']);

export function createDriver({ database }: DriverContext): TrustDriver {
  return new SqlTrustDriver(database);
}

class SqlTrustDriver implements TrustDriver {
  constructor(private readonly database: Database) {}

  async createTrust(trust: Trust): Promise<void> {
    const { roleIds, extra, expires_at: expiresAt, ...columns } = trust;
    try {
      await this.database.transaction(async () => {
        await this.database.table('trust').insert({
          ...columns,
          // Releases differ in which of the two columns they read.
          expires_at: expiresAt === null ? null : new Date(expiresAt),
          expires_at_int: expiresAt === null ? null : expiresAt * 1000,
          deleted_at: null,
          extra: JSON.stringify(extra),
        });
        const roles = roleIds.map((roleId) => ({ trust_id: trust.id, role_id: roleId }));
        await this.database.table('trust_role').insertMany(roles);
      });
    } catch (error) {
      if (!(error instanceof DuplicateError)) throw error;
      throw new Conflict({ type: 'trust', details: 'Duplicate entry' }, { cause: error });
    }
  }

  async getTrust(id: string, includeDeleted = false): Promise<Trust | null> {
    const row = await this.database.table('trust').get(id);
    if (row === null || (row.deleted_at !== null && !includeDeleted)) return null;
    const roles = await this.database.query(ROLE_IDS, [id]);
    return fromRow(
      row,
      roles.map((role) => role.role_id),
    );
  }

  async listTrusts({ trustorUserId, trusteeUserId, projectId }: TrustQuery): Promise<Trust[]> {
    const rows = await this.database.table('trust').find({
      where: {
        deleted_at: null,
        trustor_user_id: trustorUserId,
        trustee_user_id: trusteeUserId,
        project_id: projectId,
      },
      order: ['id'],
    });
    return rows.map((row) => fromRow(row, []));
  }

  async listRedelegatedIds({ id, trustor_user_id, trustee_user_id }: Trust): Promise<string[]> {
    // The trustor of a trust made from another is the trustor of that one, or without impersonation its trustee: the
    // parent's id has no index, and may stand in `extra`.
    const where = { deleted_at: null, trustor_user_id: [...new Set([trustor_user_id, trustee_user_id])] };
    const rows = await this.database.table('trust').find({ where, order: ['id'] });
    return rows
      .map((row) => fromRow(row, []))
      .flatMap((trust) => (trust.redelegated_trust_id === id ? trust.id : []));
  }

  async deleteTrust(id: string): Promise<boolean> {
    return (
      (await this.database.table('trust').update({ id, deleted_at: null }, { deleted_at: new Date() })) > 0
    );
  }

  async takeUse(id: string): Promise<boolean> {
    if ((await this.database.execute(TAKE_USE, [id])) > 0) return true;
    const row = await this.database.table('trust').get(id);
    return row !== null && row.deleted_at === null && row.remaining_uses === null;
  }
}

function fromRow(row: TrustRow, roleIds: readonly string[]): Trust {
  const stored = unpackExtra(row.extra);
  const parent = stored['redelegated_trust_id'];
  const count = stored['redelegation_count'];
  return {
    id: row.id,
    trustor_user_id: row.trustor_user_id,
    trustee_user_id: row.trustee_user_id,
    project_id: row.project_id,
    impersonation: row.impersonation,
    // Later releases write microseconds since the epoch beside the older column.
    expires_at: row.expires_at_int === null ? (row.expires_at?.getTime() ?? null) : row.expires_at_int / 1000,
    deleted_at: row.deleted_at?.getTime() ?? null,
    remaining_uses: row.remaining_uses,
    redelegated_trust_id: row.redelegated_trust_id ?? (typeof parent === 'string' ? parent : null),
    redelegation_count: row.redelegation_count ?? (typeof count === 'number' ? count : null),
    roleIds,
    extra: Object.fromEntries(Object.entries(stored).filter(([name]) => !KEPT_IN_EXTRA.has(name))),
  };
}
