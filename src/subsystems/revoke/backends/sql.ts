/** Revocation events in the SQL table `revocation_event`. */
import { type Database, prepareSql, type RevocationEventRow } from '../../../common/sql/index.js';
import { wholeSecond } from '../../../common/time.js';
import type { DriverContext } from '../../subsystem.js';
import type { RevokeDriver } from '../driver.js';
import type { RevocationEvent, RevocationSubject } from '../types.js';

const EVENT_COLUMNS = {
  domain_id: 'text?',
  project_id: 'text?',
  user_id: 'text?',
  role_id: 'text?',
  trust_id: 'text?',
  consumer_id: 'text?',
  access_token_id: 'text?',
  issued_before: 'datetime',
  expires_at: 'datetime?',
  revoked_at: 'datetime',
  audit_id: 'text?',
  audit_chain_id: 'text?',
} as const;
const SELECTED = Object.keys(EVENT_COLUMNS).join(', ');

/**
 * One arm per index: an event that names an audit id, a user or a project is found by it; the few that name none of
 * them are looked at in any case.
 */
const CANDIDATES = prepareSql({
  text: `SELECT ${SELECTED} FROM revocation_event WHERE audit_id = ? AND issued_before >= ?
    UNION ALL SELECT ${SELECTED} FROM revocation_event
      WHERE user_id = ? AND issued_before >= ? AND audit_id IS NULL
    UNION ALL SELECT ${SELECTED} FROM revocation_event
      WHERE user_id = ? AND issued_before >= ? AND audit_id IS NULL
    UNION ALL SELECT ${SELECTED} FROM revocation_event
      WHERE project_id = ? AND issued_before >= ? AND user_id IS NULL AND audit_id IS NULL
    UNION ALL SELECT ${SELECTED} FROM revocation_event
      WHERE user_id IS NULL AND issued_before >= ? AND project_id IS NULL AND audit_id IS NULL`,
  columns: EVENT_COLUMNS,
});

export function createDriver({ database }: DriverContext): RevokeDriver {
  return new SqlRevokeDriver(database);
}

class SqlRevokeDriver implements RevokeDriver {
  constructor(private readonly database: Database) {}

  add(events: RevocationEvent | readonly RevocationEvent[]): Promise<void> {
    const rows = [events].flat().map((event) => ({
      domain_id: event.domainId ?? null,
      project_id: event.projectId ?? null,
      user_id: event.userId ?? null,
      role_id: event.roleId ?? null,
      trust_id: event.trustId ?? null,
      consumer_id: event.consumerId ?? null,
      access_token_id: event.accessTokenId ?? null,
      issued_before: new Date(event.issuedBefore),
      expires_at: event.expiresAt === undefined ? null : new Date(event.expiresAt),
      revoked_at: new Date(event.revokedAt),
      audit_id: event.auditId ?? null,
      audit_chain_id: event.auditChainId ?? null,
    }));
    return this.database.table('revocation_event').insertMany(rows);
  }

  async list(since: number | null): Promise<RevocationEvent[]> {
    const rows = await this.database.table('revocation_event').find({
      where: since === null ? {} : { revoked_at: { gt: new Date(since) } },
      order: ['revoked_at'],
    });
    return rows.map(fromRow);
  }

  async candidates(subject: RevocationSubject): Promise<RevocationEvent[]> {
    const issued = new Date(wholeSecond(subject.issuedAt));
    const other = subject.delegates.find((id) => id !== subject.userId) ?? null;
    const rows = await this.database.query(CANDIDATES, [
      subject.auditId,
      issued,
      subject.userId,
      issued,
      other,
      issued,
      subject.projectId,
      issued,
      issued,
    ]);
    return rows.map(fromRow);
  }

  prune(before: number): Promise<number> {
    return this.database.table('revocation_event').delete({ revoked_at: { lt: new Date(before) } });
  }
}

type EventRow = Omit<RevocationEventRow, 'id'>;

function fromRow(row: EventRow): RevocationEvent {
  return {
    issuedBefore: row.issued_before.getTime(),
    revokedAt: row.revoked_at.getTime(),
    ...(row.user_id !== null && { userId: row.user_id }),
    ...(row.project_id !== null && { projectId: row.project_id }),
    ...(row.domain_id !== null && { domainId: row.domain_id }),
    ...(row.role_id !== null && { roleId: row.role_id }),
    ...(row.trust_id !== null && { trustId: row.trust_id }),
    ...(row.consumer_id !== null && { consumerId: row.consumer_id }),
    ...(row.access_token_id !== null && { accessTokenId: row.access_token_id }),
    ...(row.audit_id !== null && { auditId: row.audit_id }),
    ...(row.audit_chain_id !== null && { auditChainId: row.audit_chain_id }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at.getTime() }),
  };
}
