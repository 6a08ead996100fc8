/** A logging option that cannot be followed; the message names it. */
export class LoggingError extends Error {
  override readonly name = 'LoggingError';
}
