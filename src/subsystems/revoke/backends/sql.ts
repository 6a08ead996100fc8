/** Revocation events in the SQL table `revocation_event`. */
import {
  type Database,
  type PreparedSql,
  prepareSql,
  type RevocationEventRow,
  type SqlParameter,
} from '../../../common/sql/index.js';
import { wholeSecond } from '../../../common/time.js';
import type { DriverContext } from '../../subsystem.js';
import type { RevokeDriver } from '../driver.js';
import type { RevocationEvent, RevocationSubject } from '../types.js';
import { AuditLooks, TOGETHER } from './audit_looks.js';

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
type EventRow = Omit<RevocationEventRow, 'id'>;
const SELECTED = Object.keys(EVENT_COLUMNS).join(', ');

/**
 * What an event may name, in the order in which it is looked for: an event is found by the first of these that it
 * names, in an index that begins with it or with nulls before it. So what is read are events that name something of
 * the token, however many others there are.
 */
const FOUND_BY = [
  ['audit_id', '= ?'],
  ['user_id', '= ?'],
  ['project_id', '= ?'],
  ['domain_id', '= ?'],
  ['role_id', 'IN (??)'],
  ['trust_id', '= ?'],
  ['consumer_id', '= ?'],
  ['access_token_id', '= ?'],
  ['audit_chain_id', '= ?'],
] as const;
type FoundBy = (typeof FOUND_BY)[number][0];

/**
 * The events since a time that name nothing: of all tokens, or of those with one expiry. Keystone makes none. The order
 * is that of the index, without which PostgreSQL would expect many and read the table; more than a few say no more.
 */
const NAMELESS = `SELECT * FROM (SELECT ${SELECTED} FROM revocation_event
  WHERE ${FOUND_BY.map(([name]) => `${name} IS NULL`).join(' AND ')} AND issued_before >= ?
  ORDER BY ${FOUND_BY.map(([name]) => name).join(', ')}, issued_before LIMIT 100) AS nameless`;

/**
 * The events since a time whose first named column is this one.
 * @param condition on the column, with its marks
 */
function arm(column: FoundBy, condition?: string): string {
  const position = FOUND_BY.findIndex(([name]) => name === column);
  const before = FOUND_BY.slice(0, position).map(([name]) => `${name} IS NULL`);
  const own = `${column} ${condition ?? FOUND_BY[position]?.[1] ?? ''}`;
  return `SELECT ${SELECTED} FROM revocation_event WHERE ${[own, 'issued_before >= ?', ...before].join(' AND ')}`;
}

const statementOf = (arms: readonly string[]): PreparedSql<EventRow> =>
  prepareSql({ text: arms.join(' UNION ALL '), columns: EVENT_COLUMNS });

const AUDIT_ARMS = [arm('audit_id'), arm('audit_chain_id')];
/** A token has two users when it is of a trust, and two domains: its user's and its scope's. */
const SCOPE_ARMS = [
  arm('user_id'),
  arm('user_id'),
  arm('project_id'),
  arm('domain_id'),
  arm('domain_id'),
  arm('role_id'),
  arm('trust_id'),
  arm('consumer_id'),
  arm('access_token_id'),
  NAMELESS,
];
const BY_AUDIT = statementOf(AUDIT_ARMS);
const ANY = `IN (${Array.from({ length: TOGETHER }, () => '?').join(', ')})`;
/** Events that name any of some tokens. */
export const BY_AUDITS = statementOf([arm('audit_id', ANY), arm('audit_chain_id', ANY)]);
const BY_SCOPE = statementOf(SCOPE_ARMS);
/** Events that could mean a token. */
export const CANDIDATES = statementOf([...AUDIT_ARMS, ...SCOPE_ARMS]);

export function createDriver({ database }: DriverContext): RevokeDriver {
  return new SqlRevokeDriver(database);
}

class SqlRevokeDriver implements RevokeDriver {
  private readonly looks = new AuditLooks((subjects) => this.lookByAudit(subjects));

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
    const values = [...auditValues(subject), ...scopeValues(subject)];
    return (await this.database.query(CANDIDATES, values)).map(fromRow);
  }

  candidatesByAudit(subject: RevocationSubject): Promise<readonly RevocationEvent[]> {
    return this.looks.ask(subject);
  }

  private async lookByAudit(subjects: readonly RevocationSubject[]): Promise<RevocationEvent[]> {
    const [first, ...others] = subjects;
    if (first === undefined) return [];
    const rows =
      others.length === 0
        ? await this.database.query(BY_AUDIT, auditValues(first))
        : await this.database.query(BY_AUDITS, valuesOfAll(first, others));
    return rows.map(fromRow);
  }

  async candidatesByScope(subject: RevocationSubject): Promise<RevocationEvent[]> {
    return (await this.database.query(BY_SCOPE, scopeValues(subject))).map(fromRow);
  }

  prune(before: number): Promise<number> {
    return this.database.table('revocation_event').delete({ revoked_at: { lt: new Date(before) } });
  }
}

function auditValues(subject: RevocationSubject): SqlParameter[] {
  const issued = new Date(wholeSecond(subject.issuedAt));
  return [subject.auditId, issued, subject.auditChainId, issued];
}

/** Of fewer tokens than the statement has room for, the first stands in for the rest. */
function valuesOfAll(first: RevocationSubject, others: readonly RevocationSubject[]): SqlParameter[] {
  const all = Array.from({ length: TOGETHER }, (_, position) => others[position] ?? first);
  const since = new Date(wholeSecond(Math.min(...all.map(({ issuedAt }) => issuedAt))));
  return [...all.map(({ auditId }) => auditId), since, ...all.map(({ auditChainId }) => auditChainId), since];
}

function scopeValues(subject: RevocationSubject): SqlParameter[] {
  const { userId, userDomainId, scopeDomainId, delegates, roleIds } = subject;
  const issued = new Date(wholeSecond(subject.issuedAt));
  const named = [
    userId,
    delegates.find((id) => id !== userId) ?? null,
    subject.projectId,
    userDomainId,
    scopeDomainId === userDomainId ? null : scopeDomainId,
    // An empty list would leave out the whole statement.
    roleIds.length === 0 ? [null] : roleIds,
    subject.trustId,
    subject.consumerId,
    subject.accessTokenId,
  ];
  return [...named.flatMap((value) => [value, issued]), issued];
}

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
