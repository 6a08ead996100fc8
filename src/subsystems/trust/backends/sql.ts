/** Trusts in the SQL tables `trust` and `trust_role`. */
import { unpackExtra } from '../../../common/sql/extra.js';
import { type Database, prepareSql, type TrustRow } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { TrustDriver } from '../driver.js';
import type { Trust } from '../types.js';

const ROLE_IDS = prepareSql({
  text: 'SELECT role_id FROM trust_role WHERE trust_id = ? ORDER BY role_id',
  columns: { role_id: 'text' },
});

/** One statement decides: of many that ask at once, no more get a use than there are. */
const TAKE_USE = prepareSql({
  text: 'UPDATE trust SET remaining_uses = remaining_uses - 1 WHERE id = ? AND deleted_at IS NULL AND remaining_uses > 0',
});

export function createDriver({ database }: DriverContext): TrustDriver {
  return new SqlTrustDriver(database);
}

class SqlTrustDriver implements TrustDriver {
  constructor(private readonly database: Database) {}

  async getTrust(id: string, includeDeleted = false): Promise<Trust | null> {
    const row = await this.database.table('trust').get(id);
    if (row === null || (row.deleted_at !== null && !includeDeleted)) return null;
    const roles = await this.database.query(ROLE_IDS, [id]);
    return fromRow(
      row,
      roles.map((role) => role.role_id),
    );
  }

  async takeUse(id: string): Promise<boolean> {
    if ((await this.database.execute(TAKE_USE, [id])) > 0) return true;
    const row = await this.database.table('trust').get(id);
    return row !== null && row.deleted_at === null && row.remaining_uses === null;
  }
}

function fromRow(row: TrustRow, roleIds: readonly string[]): Trust {
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
    redelegated_trust_id: row.redelegated_trust_id,
    redelegation_count: row.redelegation_count,
    roleIds,
    extra: unpackExtra(row.extra),
  };
}
