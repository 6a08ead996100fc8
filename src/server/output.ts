/** How commands speak to whoever runs them. */
import { KeystoneError } from '../common/errors.js';

/** What a command says to the person who runs it: results on stdout, everything else on stderr. */
export interface Output {
  /** A line of the result. */
  line(text?: string): void;
  /** A remark: progress, a warning, an error. */
  note(text: string): void;
}

/** Write to streams, such as those of the process. */
export function createOutput(result: NodeJS.WritableStream, remarks: NodeJS.WritableStream): Output {
  return {
    line: (text = '') => void result.write(`${text}\n`),
    note: (text) => void remarks.write(`${text}\n`),
  };
}

/** What an error says to an operator: of an error of the API also what clients do not get to see. */
export function describeError(error: unknown): string {
  if (error instanceof KeystoneError) return error.detail ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
