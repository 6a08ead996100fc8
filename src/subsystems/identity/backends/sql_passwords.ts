/** Passwords of local users in the table `password`, and the rules of `[security_compliance]` on their use. */
import type { PasswordHashing } from '../../../common/crypto/password/index.js';
import {
  PasswordAgeValidationError,
  PasswordExpired,
  PasswordValidationError,
  Unauthorized,
  UserDisabled,
  UserNotFound,
} from '../../../common/errors.js';
import {
  type Database,
  hasColumn,
  type PreparedSql,
  prepareSql,
  type ResultOf,
} from '../../../common/sql/index.js';
import type { Conf } from '../../../conf/index.js';
import type { PasswordDriver, PreparedPassword } from '../driver.js';
import { type Activity, ANY_USER, CURRENT_PASSWORD, day, expiry, OPTION_IDS } from './sql_select.js';

const DAY = 86_400_000;

/** A hashed password; `replaces` is the row of the password that it was checked against, null when there was none. */
interface HashedPassword extends PreparedPassword {
  readonly replaces?: number | null;
}

const ACCOUNT_COLUMNS = {
  enabled: 'boolean',
  active_today: 'boolean',
  local_user_id: 'integer?',
  failed_auth_count: 'integer?',
  failed_auth_at: 'datetime?',
  password_hash: 'text?',
  password: 'text?',
  expires_at: 'microseconds?',
  expires_at_int: 'integer?',
} as const;
type Account = ResultOf<typeof ACCOUNT_COLUMNS>;

const FAILURES = prepareSql({
  text: 'SELECT failed_auth_count, failed_auth_at FROM local_user WHERE id = ?',
  columns: { failed_auth_count: 'integer?', failed_auth_at: 'datetime?' },
});
const RECORD_FAILURE = prepareSql({
  text: 'UPDATE local_user SET failed_auth_count = COALESCE(failed_auth_count, 0) + 1, failed_auth_at = ? WHERE id = ?',
});
const FORGET_FAILURES = prepareSql({
  text: 'UPDATE local_user SET failed_auth_count = 0, failed_auth_at = NULL WHERE user_id = ?',
});
const FORGET_OLD_FAILURES = prepareSql({
  text: `UPDATE local_user SET failed_auth_count = 0, failed_auth_at = NULL
    WHERE user_id = ? AND failed_auth_at <= ?`,
});
const NOTE_ACTIVITY = prepareSql({ text: 'UPDATE "user" SET last_active_at = ? WHERE id = ?' });
const OPTIONS = prepareSql({
  text: `SELECT option_id FROM user_option WHERE user_id = ? AND option_value = 'true'`,
  columns: { option_id: 'text' },
});
const STORED_COLUMNS = {
  id: 'integer',
  password_hash: 'text?',
  password: 'text?',
  self_service: 'boolean',
  created_at: 'microseconds',
  created_at_int: 'integer',
} as const;
type StoredPassword = ResultOf<typeof STORED_COLUMNS>;
/** Column of Newton's hash in a selection. A database that Keystone 22 made has none, until db_sync adds it. */
const newtonHash = (isThere: boolean): string => (isThere ? 'p.password' : 'NULL AS password');
const passwordsQuery = (hasNewtonHash: boolean): PreparedSql<StoredPassword> =>
  prepareSql({
    text: `SELECT p.id, p.password_hash, ${newtonHash(hasNewtonHash)}, p.self_service, p.created_at, p.created_at_int
      FROM local_user l JOIN password p ON p.local_user_id = l.id WHERE l.user_id = ?
      ORDER BY p.created_at, p.created_at_int, p.id`,
    columns: STORED_COLUMNS,
  });
const INSERT = `INSERT INTO password
  (local_user_id, password_hash, self_service, created_at, created_at_int, expires_at, expires_at_int`;
const INSERT_PASSWORD = prepareSql({ text: `${INSERT}) VALUES (?, ?, ?, ?, ?, ?, ?)` });
const INSERT_PASSWORD_FOR_NEWTON = prepareSql({
  text: `${INSERT}, password) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
});
const EXPIRE_PASSWORDS = prepareSql({
  text: `UPDATE password SET expires_at = ?, expires_at_int = ?
    WHERE local_user_id = ? AND (expires_at IS NULL OR expires_at > ?)`,
});

/** No user has this id. */
const NO_USER = '';
/** No row has it: the statement that counts a failure runs with it, without effect, where none is to be counted. */
const NO_ROW = -1;

/** The statements that depend on whether Newton's column is there. */
interface Statements {
  readonly account: PreparedSql<Account>;
  readonly passwords: PreparedSql<StoredPassword>;
  readonly hasNewtonHash: boolean;
}

export class SqlPasswords implements PasswordDriver {
  private readonly rules: Conf['security_compliance'];
  private known: Promise<Statements> | undefined;

  constructor(
    private readonly database: Database,
    private readonly hashing: PasswordHashing,
    private readonly activity: Activity,
    conf: Conf,
  ) {
    this.rules = conf.security_compliance;
  }

  async authenticate(userId: string, password: string): Promise<void> {
    const now = Date.now();
    const statements = await this.statements();
    const [account] = await this.database.query(statements.account, [
      ...this.activity.parameters(now),
      ...(this.activity.mostDays === null ? [] : [day(now)]),
      userId,
    ]);
    const options = await this.options(userId);
    const locks = !options.has(OPTION_IDS.ignoreLockout);
    const locked = account !== undefined && locks && (await this.isLocked(userId, account, now));
    // An unknown user and a locked account cost the same work as a wrong password: the time of the answer tells nothing.
    const matches = await this.hashing.verify(password, account?.password_hash ?? account?.password ?? null);
    if (account === undefined || locked || !matches) {
      await this.recordFailure(locked ? null : (account?.local_user_id ?? null));
      const why =
        account === undefined
          ? 'Unknown user'
          : locked
            ? 'The account is locked for user'
            : 'Wrong password for user';
      throw new Unauthorized(`${why} ${userId}`);
    }
    if (locks) await this.assertNotLockedMeanwhile(userId, account);
    if (!account.enabled) throw new UserDisabled({ user_id: userId });
    const expires = options.has(OPTION_IDS.ignoreExpiry) ? null : expiry(account);
    if (expires !== null && expires <= now * 1000) throw new PasswordExpired({ user_id: userId });
    if ((account.failed_auth_count ?? 0) > 0) await this.database.execute(FORGET_FAILURES, [userId]);
    if (!account.active_today) await this.database.execute(NOTE_ACTIVITY, [day(now), userId]);
  }

  async pretend(password: string): Promise<void> {
    try {
      await this.authenticate(NO_USER, password);
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
    }
  }

  async prepare(password: string | null): Promise<HashedPassword> {
    return { stored: password === null ? null : await this.hashing.hash(password) };
  }

  async prepareOwn(userId: string, password: string): Promise<HashedPassword> {
    if ((await this.options(userId)).has(OPTION_IDS.lockPassword)) {
      throw new PasswordValidationError(
        'You cannot change your password at this time due to password policy disallowing password changes.' +
          ' Please contact your administrator to reset your password.',
      );
    }
    const passwords = await this.storedPasswords(userId);
    const current = passwords.at(-1) ?? null;
    if (current?.self_service === true) this.assertOldEnough(current);
    await this.assertNew(password, passwords);
    return { ...(await this.prepare(password)), replaces: current?.id ?? null };
  }

  async changeOwn(userId: string, password: HashedPassword): Promise<void> {
    await this.database.transaction(async () => {
      // Also the lock that makes others wait who change the same password.
      await this.forgetFailures(userId);
      const current = (await this.storedPasswords(userId)).at(-1)?.id ?? null;
      if (current !== password.replaces)
        throw new Unauthorized(`The password of user ${userId} was changed meanwhile`);
      await this.store(userId, password, true);
    });
  }

  /**
   * Make a password the one in force; those before it expire, and only as many of them are kept as
   * `unique_last_password_count` asks for.
   * @param selfService whether the user chose it
   * @throws UserNotFound when there is no local user
   */
  async store(userId: string, password: PreparedPassword, selfService: boolean): Promise<void> {
    const local = await this.database.table('local_user').findOne({ user_id: userId });
    if (local === null) throw new UserNotFound({ user_id: userId });
    const older = await this.storedPasswords(userId);
    const surplus = older.slice(0, -Math.max(1, this.rules.unique_last_password_count)).map(({ id }) => id);
    if (surplus.length > 0) await this.database.table('password').delete({ id: surplus });
    // Strictly later than the one before, or the order of the two would be anybody's guess.
    const now = Math.max(Date.now() * 1000, (older.at(-1)?.created_at_int ?? 0) + 1);
    const instant = new Date(Math.floor(now / 1000));
    await this.database.execute(EXPIRE_PASSWORDS, [instant, now, local.id, instant]);
    const expires = await this.newExpiry(userId, now);
    const expiresAt = expires === null ? null : new Date(expires / 1000);
    const values = [local.id, password.stored, selfService, instant, now, expiresAt, expires];
    if ((await this.statements()).hasNewtonHash) {
      await this.database.execute(INSERT_PASSWORD_FOR_NEWTON, [...values, forNewton(password.stored)]);
    } else {
      await this.database.execute(INSERT_PASSWORD, values);
    }
  }

  async forgetFailures(userId: string): Promise<void> {
    await this.database.execute(FORGET_FAILURES, [userId]);
  }

  private async storedPasswords(userId: string): Promise<StoredPassword[]> {
    return this.database.query((await this.statements()).passwords, [userId]);
  }

  /** Made with the first use; a failure to look is not remembered. */
  private statements(): Promise<Statements> {
    this.known ??= this.makeStatements().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private async makeStatements(): Promise<Statements> {
    const { enabled, mostDays } = this.activity;
    const hasNewtonHash = await hasColumn(this.database, 'password', 'password');
    const activeToday =
      mostDays === null ? 'TRUE' : 'CASE WHEN u.last_active_at >= ? THEN TRUE ELSE FALSE END';
    return {
      hasNewtonHash,
      passwords: passwordsQuery(hasNewtonHash),
      account: prepareSql({
        text: `SELECT ${enabled} AS enabled, ${activeToday} AS active_today, l.id AS local_user_id, l.failed_auth_count,
            l.failed_auth_at, p.password_hash, ${newtonHash(hasNewtonHash)}, p.expires_at, p.expires_at_int
          FROM ${ANY_USER} LEFT JOIN ${CURRENT_PASSWORD} WHERE u.id = ?`,
        columns: ACCOUNT_COLUMNS,
      }),
    };
  }

  private async options(userId: string): Promise<ReadonlySet<string>> {
    return new Set((await this.database.query(OPTIONS, [userId])).map(({ option_id: id }) => id));
  }

  /** µs since 1970, whole seconds. @param created µs since 1970 */
  private async newExpiry(userId: string, created: number): Promise<number | null> {
    const { password_expires_days: days, password_expires_ignore_user_ids: ignored } = this.rules;
    if (days === null || ignored.includes(userId)) return null;
    if ((await this.options(userId)).has(OPTION_IDS.ignoreExpiry)) return null;
    return Math.floor(created / 1e6 + (days * DAY) / 1000) * 1e6;
  }

  /** A lock whose time has passed is taken away here. */
  private async isLocked(userId: string, account: Account, now: number): Promise<boolean> {
    if (!this.exceeds(account.failed_auth_count)) return false;
    const liftsAt = now - this.rules.lockout_duration * 1000;
    if (account.failed_auth_at === null || account.failed_auth_at.getTime() > liftsAt) return true;
    await this.database.execute(FORGET_OLD_FAILURES, [userId, new Date(liftsAt)]);
    return false;
  }

  private exceeds(failures: number | null): boolean {
    const { lockout_failure_attempts: most } = this.rules;
    return most !== null && (failures ?? 0) >= most;
  }

  /** However many guesses run at once, none of them gets through after the one that locks the account. */
  private async assertNotLockedMeanwhile(userId: string, account: Account): Promise<void> {
    if (this.rules.lockout_failure_attempts === null) return;
    const [failures] = await this.database.query(FAILURES, [account.local_user_id]);
    if (failures === undefined || !this.exceeds(failures.failed_auth_count)) return;
    if (await this.isLocked(userId, { ...account, ...failures }, Date.now())) {
      throw new Unauthorized(`The account was locked meanwhile for user ${userId}`);
    }
  }

  private async recordFailure(localUserId: number | null): Promise<void> {
    if (this.rules.lockout_failure_attempts === null) return;
    await this.database.execute(RECORD_FAILURE, [new Date(), localUserId ?? NO_ROW]);
  }

  private assertOldEnough(current: StoredPassword): void {
    const { minimum_password_age: days } = this.rules;
    const created = (current.created_at_int === 0 ? current.created_at : current.created_at_int) / 1000;
    const left = created + days * DAY - Date.now();
    if (left <= 0) return;
    throw new PasswordAgeValidationError({ min_age_days: days, days_left: Math.floor(left / DAY) });
  }

  private async assertNew(password: string, passwords: readonly StoredPassword[]): Promise<void> {
    const { unique_last_password_count: count } = this.rules;
    if (count <= 1) return;
    const repeated = await Promise.all(
      passwords
        .slice(-count)
        .map((older) => this.hashing.verify(password, older.password_hash ?? older.password)),
    );
    if (!repeated.includes(true)) return;
    throw new PasswordValidationError({
      detail:
        'The new password cannot be identical to a previous password. The number of previous passwords that must' +
        ` be unique is: ${count}`,
    });
  }
}

const NEWTON_LENGTH = 128;

/** The hash for the column that Newton reads, so that one can go back to it: null when Newton could not use it. */
function forNewton(hash: string | null): string | null {
  return hash !== null && hash.startsWith('$6$') && hash.length <= NEWTON_LENGTH ? hash : null;
}
