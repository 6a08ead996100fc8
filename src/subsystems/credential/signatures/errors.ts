/** A request whose signature cannot even be computed: something is missing, or of the wrong kind. */
export class SignatureFormatError extends Error {
  override readonly name = 'SignatureFormatError';
}
