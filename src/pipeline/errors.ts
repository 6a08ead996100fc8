/** What can be wrong with a paste file, one word each. The words are part of the API: tools may branch on them. */
export const errorKinds = [
  // reading a file
  'no-file',
  'unreadable-file',
  'unsafe-permissions',
  'encoding',
  'parse-error',
  'no-section-header',
  'duplicate-section',
  'duplicate-option',
  // values
  'interpolation-missing',
  'interpolation-syntax',
  'interpolation-depth',
  'missing-global',
  'value-error',
  'bad-url',
  'bad-catch',
  // names
  'no-scheme',
  'unknown-scheme',
  'relative-without-base',
  'no-section',
  'ambiguous-section',
  'no-loader',
  'multiple-protocols',
  'bad-protocol',
  'bad-call-spec',
  'no-distribution',
  'no-entry-point',
  'ambiguous-entry-point',
  'no-module',
  'no-attribute',
  'not-allowed',
  'recursion',
  // composition
  'filter-app-without-next',
  'pipeline-without-items',
  'empty-pipeline',
  'pipeline-extra-settings',
  'cascade-bad-key',
  // factories
  'bad-factory',
  'factory-failed',
  'unknown-option',
  'bad-option',
  'missing-option',
  'bad-order',
] as const;

export type ErrorKind = (typeof errorKinds)[number];

/** A place in a paste file. Every part may be unknown: a caller's own argument has no place at all. */
export interface Site {
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line?: number | undefined;
  readonly section?: string | undefined;
  readonly option?: string | undefined;
}

/** One thing that is wrong: where, what, the offending name and the valid one that is nearest to it. */
export interface Problem extends Site {
  readonly kind: ErrorKind;
  /** A sentence for a person; holds the offending name, never the value of a secret. */
  readonly text: string;
  readonly name?: string | undefined;
  readonly nearest?: string | undefined;
}

/** A place as people write it: `FILE:LINE: [SECTION] OPTION`. */
export function describeSite(site: Site): string {
  const parts: string[] = [];
  if (site.file !== undefined)
    parts.push(site.line === undefined ? `${site.file}:` : `${site.file}:${site.line}:`);
  if (site.section !== undefined) parts.push(`[${site.section}]`);
  if (site.option !== undefined) parts.push(site.option);
  return parts.join(' ');
}

/** The whole problem in one line. */
export function describeProblem(problem: Problem): string {
  const place = describeSite(problem);
  const near = problem.nearest === undefined ? '' : ` (nearest: ${problem.nearest})`;
  return `${place}${place === '' || place.endsWith(':') ? '' : ':'}${place === '' ? '' : ' '}${problem.text}${near}`;
}

/**
 * A paste file, or something that it names, is wrong. Nothing of it has been started.
 *
 * Thrown once for a whole load, with everything that was found; the fields describe the first problem, which is the
 * one PasteDeploy itself would have stopped at.
 */
export class PipelineError extends Error implements Site {
  override readonly name: string = 'PipelineError';
  readonly kind: ErrorKind;
  readonly text: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly section: string | undefined;
  readonly option: string | undefined;
  /** The offending name, where the problem has one. */
  readonly offender: string | undefined;
  readonly nearest: string | undefined;
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]], options?: ErrorOptions) {
    super(messageOf(problems), options);
    const [first] = problems;
    this.kind = first.kind;
    this.text = first.text;
    this.file = first.file;
    this.line = first.line;
    this.section = first.section;
    this.option = first.option;
    this.offender = first.name;
    this.nearest = first.nearest;
    this.problems = problems;
  }
}

function messageOf(problems: readonly [Problem, ...Problem[]]): string {
  if (problems.length === 1) return describeProblem(problems[0]);
  return [`${problems.length} problems:`, ...problems.map(describeProblem)].join('\n  ');
}

/** Stop at a problem. */
export function fail(
  kind: ErrorKind,
  text: string,
  site: Site,
  about: { name?: string | undefined; nearest?: string | undefined; cause?: unknown } = {},
): never {
  const { cause, ...names } = about;
  throw new PipelineError(
    [{ ...siteOf(site), kind, text, ...names }],
    cause === undefined ? undefined : { cause },
  );
}

/** Only the place of an object that may be more than a place. */
export function siteOf(site: Site): Site {
  return { file: site.file, line: site.line, section: site.section, option: site.option };
}

/** The text of anything that was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
