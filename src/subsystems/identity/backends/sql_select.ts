/**
 * How users are read: the parts of the statements that all of them share.
 *
 * A user's name lies in `local_user`, in `nonlocal_user` (users of a directory who signed in here) or in
 * `federated_user`; the first of them that has the user counts.
 */
import { unpackExtra } from '../../../common/sql/extra.js';
import type { ResultOf, SqlValue } from '../../../common/sql/index.js';
import type { Conf } from '../../../conf/index.js';
import type { User } from '../types.js';

const DAY = 86_400_000;
/** Domain of what belongs to none, as migrations write it. */
const ROOT = '<<keystone.domain.root>>';

export const USER_COLUMNS = {
  id: 'text',
  name: 'text?',
  domain_id: 'text',
  enabled: 'boolean',
  default_project_id: 'text?',
  extra: 'text?',
  expires_at: 'microseconds?',
  expires_at_int: 'integer?',
} as const;
export type UserResult = ResultOf<typeof USER_COLUMNS>;

/** The password in force is the youngest. `created_at_int` tells those of one second apart; older releases leave it 0. */
export const CURRENT_PASSWORD = `password p ON p.id = (SELECT q.id FROM password q WHERE q.local_user_id = l.id
  ORDER BY q.created_at DESC, q.created_at_int DESC, q.id DESC LIMIT 1)`;

export const NAME_OF_ANY_USER = `COALESCE(l.name, n.name,
  (SELECT f.display_name FROM federated_user f WHERE f.user_id = u.id ORDER BY f.id LIMIT 1))`;

export const ANY_USER = `"user" u LEFT JOIN local_user l ON l.user_id = u.id
  LEFT JOIN nonlocal_user n ON n.user_id = u.id`;

/**
 * SQL of a user's domain. Newton fills in none with the user: rows that it writes beside us, until `db_sync --contract`,
 * have it with the name alone.
 * @param places columns of the domain beside the name
 */
export const domainOf = (...places: readonly string[]): string =>
  `COALESCE(${['u.domain_id', ...places, `'${ROOT}'`].join(', ')})`;
export const DOMAIN_OF_ANY_USER = domainOf('l.domain_id', 'n.domain_id');

/** What `[security_compliance] disable_user_account_days_inactive` makes of the column `enabled`. */
export class Activity {
  /** Days without a sign-in after which an account counts as disabled; null means never. */
  readonly mostDays: number | null;
  /** SQL of `enabled`, over the table `user` as `u`; takes `parameters()`. */
  readonly enabled: string;

  constructor(conf: Conf) {
    this.mostDays = conf.security_compliance.disable_user_account_days_inactive;
    this.enabled =
      this.mostDays === null
        ? 'COALESCE(u.enabled, FALSE)'
        : `CASE WHEN COALESCE(u.enabled, FALSE) = FALSE THEN FALSE
             WHEN EXISTS (SELECT 1 FROM user_option o WHERE o.user_id = u.id
               AND o.option_id = '${OPTION_IDS.ignoreInactivity}' AND o.option_value = 'true') THEN TRUE
             WHEN COALESCE(u.last_active_at <= ?, u.created_at < ?, FALSE) THEN FALSE
             ELSE TRUE END`;
  }

  parameters(now = Date.now()): SqlValue[] {
    if (this.mostDays === null) return [];
    // Nobody was here before the epoch, and of some earlier times there is no day.
    const lastDay = day(Math.max(0, now - this.mostDays * DAY));
    return [lastDay, new Date(Date.parse(lastDay) + DAY)];
  }
}

/** Options of single users, as later releases store them; there is no API for them here, but they are kept to. */
export const OPTION_IDS = {
  ignoreExpiry: '1001',
  ignoreLockout: '1002',
  lockPassword: '1003',
  ignoreInactivity: '1004',
} as const;

/** `YYYY-MM-DD`, UTC. @param instant milliseconds since the epoch */
export function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** Attributes that old releases left in `extra` and that are nobody's to see. */
const HIDDEN = ['password', 'tenants', 'groups', 'domains'];

export function toUser(row: UserResult): User {
  const extra = unpackExtra(row.extra);
  for (const name of HIDDEN) delete extra[name];
  return {
    ...extra,
    id: row.id,
    name: row.name ?? '',
    domain_id: row.domain_id,
    enabled: row.enabled,
    ...(row.default_project_id !== null && { default_project_id: row.default_project_id }),
    password_expires_at: timestamp(expiry(row)),
  };
}

/** When a password expires, in µs since 1970. Older releases know only the one column. */
export function expiry(row: Pick<UserResult, 'expires_at' | 'expires_at_int'>): number | null {
  return row.expires_at_int ?? row.expires_at;
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC. @param instant microseconds since the epoch */
function timestamp(instant: number | null): string | null {
  if (instant === null) return null;
  const seconds = Math.floor(instant / 1e6);
  const fraction = String(instant - seconds * 1e6).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}`;
}
