/** From a statement as it was written to the text that one dialect runs. */
import type { NativeStatement } from './engine.js';
import type { PreparedSql } from './prepared.js';
import type { Dialect, SqlParameter, SqlValue } from './types.js';

/** Most values of a list in one run of a statement. */
export const LIST_CHUNK = 500;

function render(statement: PreparedSql<unknown>, listLength: number, dialect: Dialect): string {
  let position = 0;
  const mark = (): string => (dialect === 'postgres' ? `$${(position += 1)}` : '?');
  let text = '';
  for (const part of statement.parts) {
    text += part.text;
    if (part.mark === 'value') text += mark();
    if (part.mark === 'list') text += Array.from({ length: listLength }, mark).join(', ');
  }
  return text;
}

/** Texts of one dialect, each made once: for each length of its list that occurs. */
export class NativeStatements {
  private readonly known = new WeakMap<PreparedSql<unknown>, Map<number, NativeStatement>>();

  constructor(private readonly dialect: Dialect) {}

  /** @param listLength how many values the list mark stands for; 0 without a list */
  get(statement: PreparedSql<unknown>, listLength: number): NativeStatement {
    let lengths = this.known.get(statement);
    if (lengths === undefined) {
      lengths = new Map();
      this.known.set(statement, lengths);
    }
    let native = lengths.get(listLength);
    if (native === undefined) {
      native = Object.freeze({
        name: statement.once ? null : `${statement.id}_${listLength}`,
        text: render(statement, listLength, this.dialect),
        readOnly: statement.readOnly,
      });
      lengths.set(listLength, native);
    }
    return native;
  }
}

/** One run of a statement: its list length and all its values in order. */
export interface Run {
  readonly listLength: number;
  readonly values: readonly SqlValue[];
}

/** Few lengths, so that few texts stay prepared: powers of two up to the chunk. */
function roundUp(length: number): number {
  let rounded = 1;
  while (rounded < length) rounded *= 2;
  return Math.min(rounded, LIST_CHUNK);
}

/**
 * The runs that a statement needs for its parameters: one, or for a list as many as there are chunks; none for an
 * empty list. Lists are filled up to a rounded length by repeating a value.
 * @throws Error when the parameters do not fit the marks
 */
export function runsOf(statement: PreparedSql<unknown>, parameters: readonly SqlParameter[]): Run[] {
  if (parameters.length !== statement.parameterCount) {
    throw new Error(
      `${parameters.length} parameters for ${statement.parameterCount} marks in: ${statement.text}`,
    );
  }
  if (!statement.hasList) return [{ listLength: 0, values: parameters as readonly SqlValue[] }];
  const position = statement.parts.findIndex(({ mark }) => mark === 'list');
  const list = parameters[position];
  if (!Array.isArray(list)) throw new Error(`no list for the list mark in: ${statement.text}`);
  const unique = [...new Set(list as readonly SqlValue[])];
  const runs: Run[] = [];
  for (let start = 0; start < unique.length; start += LIST_CHUNK) {
    const chunk = unique.slice(start, start + LIST_CHUNK);
    const filler = chunk[0] ?? null;
    while (chunk.length < roundUp(chunk.length)) chunk.push(filler);
    const values = [...parameters.slice(0, position), ...chunk, ...parameters.slice(position + 1)];
    runs.push({ listLength: chunk.length, values: values as SqlValue[] });
  }
  return runs;
}
