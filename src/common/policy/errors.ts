/** What goes wrong in a policy: while reading it (`DataError`, `PolicyError`) and while deciding (`CheckError`). */

/** Where a rule was written: a file and, where known, its line (from 1). */
export interface RuleOrigin {
  readonly file: string;
  readonly line?: number;
}

/** `file:line`, `file`, or the text for rules that come from no file. */
export function describeOrigin(origin: RuleOrigin | undefined, otherwise = 'built-in default'): string {
  if (origin === undefined) return otherwise;
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
}

/** A text that is neither JSON nor YAML, or no mapping. */
export class DataError extends Error {
  /** From 1; undefined when the mistake has no place. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.name = 'DataError';
    this.line = line;
  }
}

/** A policy that cannot be used. The message names the file, the line where known, and the rule. */
export class PolicyError extends Error {
  readonly rule: string | undefined;
  readonly origin: RuleOrigin | undefined;

  constructor(reason: string, where: { rule?: string; origin?: RuleOrigin } = {}, options?: ErrorOptions) {
    const place = where.origin === undefined ? '' : `${describeOrigin(where.origin)}: `;
    const rule = where.rule === undefined ? '' : `policy rule '${where.rule}': `;
    super(`${place}${rule}${reason}`, options);
    this.name = 'PolicyError';
    this.rule = where.rule;
    this.origin = where.origin;
  }
}

/**
 * A check that has no answer, such as a list where an object is due or a rule that refers to itself. oslo.policy
 * raises an exception there; the decision is always "refused", also beneath a `not`.
 */
export class CheckError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CheckError';
  }
}
