/** What kind of mistake a configuration error is about. */
export type ConfigProblem =
  /** A line that is no section, assignment, comment or continuation. */
  | 'syntax'
  /** A named file or folder is missing. */
  | 'not_found'
  /** A named file or folder cannot be read. */
  | 'unreadable'
  /** A value that the option's type does not allow. */
  | 'value'
  /** `$name` that cannot be replaced, or a loop of them. */
  | 'reference'
  /** An option or a section that was never declared is asked for. */
  | 'undeclared'
  /** A declaration contradicts itself or another one (a mistake of the program, not of a file). */
  | 'declaration'
  /** A required option has no value. */
  | 'required'
  /** An argument of the command line. */
  | 'argument';

/** Where a problem lies; what is not known is absent. `line` counts from 1. */
export interface ConfigPlace {
  readonly file?: string;
  readonly line?: number;
  readonly section?: string;
  readonly option?: string;
}

/** A mistake in the configuration. The message is meant for the operator and never holds the value of a secret. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly problem: ConfigProblem;
  readonly place: ConfigPlace;

  constructor(problem: ConfigProblem, message: string, place: ConfigPlace = {}) {
    super(message);
    this.problem = problem;
    this.place = place;
  }
}

/** Why a text is not a value of a type: a half sentence that never repeats the text itself. */
export class ValueProblem extends Error {
  override readonly name: string = 'ValueProblem';
}

/** Why a `$name` cannot be replaced. */
export class ReferenceProblem extends ValueProblem {
  override readonly name = 'ReferenceProblem';
}

/** `file:line`, or whatever part of it is known; empty when neither is. */
export function placeText(place: ConfigPlace): string {
  if (place.file === undefined) {
    return '';
  }
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}
