/** The differences from Keystone 22 that are meant to be, each with the line of `docs/differences.md` that says so. */
import type { Difference } from './compare.js';

export interface Explanation {
  /** A line of `docs/differences.md` (or its beginning). */
  readonly line: string;
  matches(difference: Difference): boolean;
}

const EXPLANATIONS: readonly Explanation[] = [];

/** Why the two differ here; undefined when nothing explains it. */
export function explanationOf(difference: Difference): Explanation | undefined {
  return EXPLANATIONS.find((explanation) => explanation.matches(difference));
}

export const lines: readonly string[] = EXPLANATIONS.map(({ line }) => line);
