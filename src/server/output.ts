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
