/**
 * What can go wrong with a database, equal on all dialects. Messages name tables and columns at most: never SQL text,
 * never a parameter, never an address. The driver's own error is the `cause`, for the log.
 */

/** Base of all errors of `common/sql`. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
}

/** A primary key or a unique constraint already holds these values. */
export class DuplicateError extends DatabaseError {
  override name = 'DuplicateError';
  constructor(
    readonly table: string | null,
    /** The columns of the violated key, sorted; null when the database does not tell. */
    readonly columns: readonly string[] | null,
    options?: ErrorOptions,
  ) {
    super(
      `a row of ${table ?? 'a table'} with the same ${columns?.join(', ') ?? 'key'} exists already`,
      options,
    );
  }
}

/** A reference points to a row that does not exist, or a row that is still referred to was to be deleted. */
export class ForeignKeyError extends DatabaseError {
  override name = 'ForeignKeyError';
  constructor(
    readonly table: string | null,
    options?: ErrorOptions,
  ) {
    super(`a reference ${table === null ? '' : `of ${table} `}would point to a missing row`, options);
  }
}

/** A value that the column cannot hold: too long, null where none may be, characters that cannot be stored. */
export class InvalidValueError extends DatabaseError {
  override name = 'InvalidValueError';
}

/** The database cannot be reached, refuses us, has no free connection, or was locked for too long. */
export class DatabaseUnavailableError extends DatabaseError {
  override name = 'DatabaseUnavailableError';
}

/** The database is there and lets us not in: account, password or the name of the database. Waiting does not help. */
export class AccessRefusedError extends DatabaseUnavailableError {
  override name = 'AccessRefusedError';
}

/** The connection broke while it was in use: whether the last statement took effect is not known. */
export class ConnectionLostError extends DatabaseUnavailableError {
  override name = 'ConnectionLostError';
}

/** Deadlock, lock time-out or serialization failure: repeating the transaction may heal it. */
export class RetryableError extends DatabaseUnavailableError {
  override name = 'RetryableError';
}
