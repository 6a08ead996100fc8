/** The files that signed tokens need, for those who look before a start. */
export { readSigning, SigningError } from '../subsystems/token/signing.js';
