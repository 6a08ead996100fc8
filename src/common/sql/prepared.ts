/**
 * Statements of the hot path: written once, at load time, as ANSI SQL that runs unchanged on SQLite, MariaDB/MySQL
 * and PostgreSQL: identifiers in double quotes, `?` for a parameter, `IN (??)` for a list, `||` to concatenate,
 * `TRUE` and `FALSE`, `LIKE … ESCAPE '!'`.
 */

/** A result column's type; with `?` it may be null. `microseconds` is a datetime as µs since 1970, exactly. */
export type ResultType =
  | 'text'
  | 'integer'
  | 'boolean'
  | 'datetime'
  | 'microseconds'
  | 'text?'
  | 'integer?'
  | 'boolean?'
  | 'datetime?'
  | 'microseconds?';

export type ResultColumns = Readonly<Record<string, ResultType>>;

type Base<T extends ResultType> = T extends `${infer B}?` ? B : T;
type Plain<B> = B extends 'text'
  ? string
  : B extends 'integer' | 'microseconds'
    ? number
    : B extends 'boolean'
      ? boolean
      : Date;
export type ResultOf<C extends ResultColumns> = {
  [K in keyof C]: Plain<Base<C[K]>> | (C[K] extends `${string}?` ? null : never);
};

/** A part of a statement: text before a mark, and the mark that follows (none after the last part). */
export interface SqlPart {
  readonly text: string;
  readonly mark: 'value' | 'list' | null;
}

export interface PreparedSql<R> {
  /** Unique in the process: names the server-side statement on PostgreSQL. */
  readonly id: string;
  readonly text: string;
  readonly parts: readonly SqlPart[];
  readonly parameterCount: number;
  readonly hasList: boolean;
  /** True for SELECT: may run on a connection that only reads. */
  readonly readOnly: boolean;
  /** True for a text made up at run time: it is not kept prepared. */
  readonly once: boolean;
  readonly columns: ResultColumns;
  /** Never set: carries the type of the rows. */
  readonly row?: R;
}

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?\?|\?|[^'"?]+/g;

function split(statement: string): SqlPart[] {
  const parts: SqlPart[] = [];
  let text = '';
  for (const [token] of statement.matchAll(TOKEN)) {
    if (token === '?' || token === '??') {
      parts.push({ text, mark: token === '?' ? 'value' : 'list' });
      text = '';
    } else {
      text += token;
    }
  }
  parts.push({ text, mark: null });
  return parts;
}

let counter = 0;

/**
 * Makes a statement.
 * @param spec.text    at most one list mark `??`; a statement with a list is run in pieces when the list is long, so
 *                     it must not order, limit or aggregate over it
 * @param spec.columns result columns with their types: what a row holds
 * @param spec.once    for a text that is composed at run time, such as one with filters
 * @throws Error on several list marks
 */
export function prepareSql<const C extends ResultColumns = Readonly<Record<string, never>>>(spec: {
  readonly text: string;
  readonly columns?: C;
  readonly once?: boolean;
}): PreparedSql<ResultOf<C>> {
  const text = spec.text.replace(/\s+/g, ' ').trim();
  const parts = split(text);
  const lists = parts.filter(({ mark }) => mark === 'list').length;
  if (lists > 1) throw new Error(`more than one list in: ${text}`);
  counter += 1;
  return Object.freeze({
    id: `k${counter}`,
    text,
    parts,
    parameterCount: parts.length - 1,
    hasList: lists === 1,
    readOnly: /^(?:select|with)\b/i.test(text),
    once: spec.once ?? false,
    columns: spec.columns ?? {},
  });
}
