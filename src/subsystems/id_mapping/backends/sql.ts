/** Public ids in the SQL table `id_mapping`. */
import { type Database, type IdMappingRow, type PreparedSql, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { IdMappingDriver } from '../driver.js';
import type { EntityType, Mapping, MappingFilter, Progress } from '../types.js';

/** Rows of one INSERT: four parameters each, and SQLite takes 32,766. */
const INSERT_ROWS = 1000;
/** Rows that one step of a purge deletes: other writers wait no longer than for that. */
const PURGE_ROWS = 1000;
/** Beyond so many ids one statement reads all mappings of the domain. */
const MOST_IN_LISTS = 2000;

const COLUMNS = { public_id: 'text', domain_id: 'text', local_id: 'text', entity_type: 'text' } as const;

const BY_PUBLIC_IDS = prepareSql({
  text: 'SELECT public_id, domain_id, local_id, entity_type FROM id_mapping WHERE public_id IN (??)',
  columns: COLUMNS,
});
const BY_LOCAL_IDS = prepareSql({
  text: `SELECT public_id, local_id FROM id_mapping
    WHERE domain_id = ? AND entity_type = ? AND local_id IN (??)`,
  columns: { public_id: 'text', local_id: 'text' },
});
const OF_DOMAIN = prepareSql({
  text: 'SELECT public_id, local_id FROM id_mapping WHERE domain_id = ? AND entity_type = ?',
  columns: { public_id: 'text', local_id: 'text' },
});
const DELETE = prepareSql({ text: 'DELETE FROM id_mapping WHERE public_id IN (??)' });

export function createDriver({ database }: DriverContext): IdMappingDriver {
  return new SqlIdMappingDriver(database);
}

class SqlIdMappingDriver implements IdMappingDriver {
  /** The INSERT of a full batch; the others are made up as they are needed. */
  private readonly insertBatch: PreparedSql<unknown>;

  constructor(private readonly database: Database) {
    this.insertBatch = prepareSql({ text: this.insertText(INSERT_ROWS) });
  }

  async get(publicId: string): Promise<Mapping | null> {
    const row = await this.database.table('id_mapping').get(publicId);
    return row === null ? null : fromRow(row);
  }

  async getMany(publicIds: readonly string[]): Promise<Mapping[]> {
    const rows = await this.database.query(BY_PUBLIC_IDS, [storable(publicIds)]);
    return rows.map((row) => fromRow(row as IdMappingRow));
  }

  async publicIds(
    domainId: string,
    type: EntityType,
    localIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const rows =
      localIds.length > MOST_IN_LISTS
        ? await this.database.query(OF_DOMAIN, [domainId, type])
        : await this.database.query(BY_LOCAL_IDS, [domainId, type, storable(localIds)]);
    return new Map(rows.map(({ local_id: localId, public_id: publicId }) => [localId, publicId]));
  }

  async create(mappings: readonly Mapping[], progress?: Progress): Promise<void> {
    for (let start = 0; start < mappings.length; start += INSERT_ROWS) {
      const batch = mappings.slice(start, start + INSERT_ROWS);
      const statement =
        batch.length === INSERT_ROWS
          ? this.insertBatch
          : prepareSql({ text: this.insertText(batch.length), once: true });
      await this.database.execute(
        statement,
        batch.flatMap(({ publicId, domainId, localId, type }) => [publicId, domainId, localId, type]),
      );
      progress?.(start + batch.length);
    }
  }

  async move({ publicId, domainId, localId, type }: Mapping): Promise<void> {
    await this.database
      .table('id_mapping')
      .update({ public_id: publicId }, { domain_id: domainId, local_id: localId, entity_type: type });
  }

  async delete(publicIds: readonly string[]): Promise<void> {
    await this.database.execute(DELETE, [storable(publicIds)]);
  }

  async list(filter: MappingFilter): Promise<Mapping[]> {
    return (await this.database.table('id_mapping').find({ where: whereOf(filter) })).map(fromRow);
  }

  count(filter: MappingFilter): Promise<number> {
    return this.database.table('id_mapping').count(whereOf(filter));
  }

  async purge(filter: MappingFilter, progress?: Progress): Promise<number> {
    const where = whereOf(filter);
    for (let deleted = 0; ; ) {
      const rows = await this.database.table('id_mapping').find({ where, limit: PURGE_ROWS });
      if (rows.length === 0) return deleted;
      await this.delete(rows.map((row) => row.public_id));
      deleted += rows.length;
      progress?.(deleted);
    }
  }

  private insertText(rows: number): string {
    const values = Array.from({ length: rows }, () => '(?, ?, ?, ?)').join(', ');
    const existing =
      this.database.dialect === 'mysql'
        ? 'ON DUPLICATE KEY UPDATE entity_type = entity_type'
        : 'ON CONFLICT DO NOTHING';
    return `INSERT INTO id_mapping (public_id, domain_id, local_id, entity_type) VALUES ${values} ${existing}`;
  }
}

/** No database column holds a NUL character, and a client may send anything. */
function storable(ids: readonly string[]): string[] {
  return ids.filter((id) => !id.includes('\0'));
}

function whereOf({ domainId, publicId, localId, type }: MappingFilter): Partial<IdMappingRow> {
  return {
    ...(domainId !== undefined && { domain_id: domainId }),
    ...(publicId !== undefined && { public_id: publicId }),
    ...(localId !== undefined && { local_id: localId }),
    ...(type !== undefined && { entity_type: type }),
  };
}

function fromRow(row: IdMappingRow): Mapping {
  return {
    publicId: row.public_id,
    domainId: row.domain_id,
    localId: row.local_id,
    type: row.entity_type,
  };
}
