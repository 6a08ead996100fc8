/** A request that OAuth 1.0 cannot make sense of (RFC 5849 section 3.2: 400). The message may go to the client. */
export class OAuth1RequestError extends Error {
  override readonly name = 'OAuth1RequestError';
  /** Value of `error` in the response. */
  readonly code: 'invalid_request' | 'invalid_signature_method';

  constructor(message: string, code: 'invalid_request' | 'invalid_signature_method' = 'invalid_request') {
    super(message);
    this.code = code;
  }
}
