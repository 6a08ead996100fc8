import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Access to the test vectors: JSON files `{about, <shared tables>, cases: [...]}` whose results were produced by
 * the original Python code. The folder is `VECTORS_DIR`, by default this one.
 */
const folder = process.env['VECTORS_DIR'] ?? import.meta.dirname;

/** What every case has in common; the input and the result differ by file. */
export interface VectorCase {
  readonly id: string;
  readonly group: string;
  readonly note?: string;
}

/** A parsed vector file: the cases and whatever tables they share. */
export interface VectorFile<C extends VectorCase> {
  readonly about: string;
  readonly cases: readonly C[];
}

/**
 * Read a whole vector file, with its shared tables.
 *
 * The type parameter describes the file; it is trusted, not checked.
 *
 * @param file name inside the vectors' folder, such as `urlmap.json`
 * @throws when the file is missing, is not JSON or has no cases
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the shape of the JSON
export function vectorFile<F extends VectorFile<VectorCase>>(file: string): F {
  const parsed = JSON.parse(readFileSync(join(folder, file), 'utf8')) as F;
  if (!Array.isArray(parsed.cases) || parsed.cases.length === 0) {
    throw new Error(`${file} in ${folder} holds no cases`);
  }
  return parsed;
}

/** The cases alone of a vector file. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the shape of the JSON
export function vectorCases<C extends VectorCase>(file: string): readonly C[] {
  return vectorFile<VectorFile<C>>(file).cases;
}

/**
 * Register one mocha test per case, titled `FILE CASE-ID`.
 *
 * @param file name inside the vectors' folder
 * @param cases the cases to register, all of the file or a part of it
 * @param check does the assertions of one case
 */
export function eachCase<C extends VectorCase>(
  file: string,
  cases: readonly C[],
  check: (vector: C) => void | Promise<void>,
): void {
  for (const vector of cases) {
    it(`${file} ${vector.id}`, () => check(vector));
  }
}
