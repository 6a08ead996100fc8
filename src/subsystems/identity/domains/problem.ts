import { KeystoneError } from '../../../common/errors.js';

/** What an error says to an operator: of an error of the API also what clients do not get to see. */
export function problemOf(error: unknown): string {
  if (error instanceof KeystoneError) return error.detail ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
