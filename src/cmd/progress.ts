/** Lines of progress that do not flood whoever reads them. */
import type { Output } from '../server/output.js';

/** Milliseconds between two lines. */
const REPORT_EVERY = 2000;

/** @returns takes the text of a line; most are left out when they come fast */
export function progressLines(output: Output, every = REPORT_EVERY): (text: () => string) => void {
  let next = Date.now() + every;
  return (text) => {
    if (Date.now() < next) return;
    output.note(text());
    next = Date.now() + every;
  };
}
