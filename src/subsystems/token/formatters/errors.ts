/**
 * A token, or the fields of a token to be made, that cannot be a Fernet token of this service. The one error of the
 * whole decoder: whatever bytes arrive, nothing else is thrown. `reason` is for the log; a client learns only that
 * there is no such token.
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
  constructor(reason: string, options?: ErrorOptions) {
    super(`not a recognised Fernet token: ${reason}`, options);
  }
}
