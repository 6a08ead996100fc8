/** The files that a policy is made of: which there are, whether they changed, and what they say. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readMapping } from './data.js';
import { DataError, PolicyError, type RuleOrigin } from './errors.js';

export interface PolicyFiles {
  /** Absolute path; undefined when only the built-in rules and the folders count. It must exist. */
  readonly policyFile?: string | undefined;
  /** Absolute paths of folders; a folder that does not exist is empty. */
  readonly policyDirs?: readonly string[] | undefined;
}

/** A file as found on disk at one moment. */
export interface FoundFile {
  readonly path: string;
  /** Changes whenever the file is written or replaced. */
  readonly signature: string;
  readonly worldWritable: boolean;
}

/** What the files say, later ones over earlier ones. */
export interface ReadRules {
  readonly rules: Readonly<Record<string, unknown>>;
  readonly origins: ReadonlyMap<string, RuleOrigin>;
  readonly notes: readonly string[];
}

/**
 * The files in the order in which they count: the policy file, then each folder's files by name. Hidden files and
 * subfolders are left out.
 * @throws PolicyError when the policy file does not exist or a folder cannot be read
 */
export async function findFiles(files: PolicyFiles): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  if (files.policyFile !== undefined) {
    const file = await inspect(files.policyFile);
    if (file === undefined) throw new PolicyError('is not a file', { origin: { file: files.policyFile } });
    found.push(file);
  }
  for (const folder of files.policyDirs ?? []) {
    for (const name of await fileNames(folder)) {
      const file = await inspect(join(folder, name));
      if (file !== undefined) found.push(file);
    }
  }
  return found;
}

/** One text for the state of all files. */
export function signatureOf(files: readonly FoundFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify(files.map(({ path, signature }) => [path, signature])))
    .digest('base64');
}

/**
 * Read and join the files.
 * @throws PolicyError naming the file, and the line where known
 */
export async function readRules(files: readonly FoundFile[]): Promise<ReadRules> {
  const rules: Record<string, unknown> = {};
  const origins = new Map<string, RuleOrigin>();
  const notes: string[] = [];
  for (const { path, worldWritable } of files) {
    if (worldWritable) notes.push(`${path} can be written by everybody`);
    const { values, lines, ignored, repeated } = await readFileRules(path);
    for (const name of ignored) notes.push(`${path}: the name ${name} is not a text; its rule is ignored`);
    for (const name of repeated)
      notes.push(`${path}: policy rule '${name}' is written more than once; the last counts`);
    for (const [name, rule] of Object.entries(values)) {
      Object.defineProperty(rules, name, {
        value: rule,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      const line = lines.get(name);
      origins.set(name, line === undefined ? { file: path } : { file: path, line });
    }
  }
  return { rules, origins, notes };
}

async function inspect(path: string): Promise<FoundFile | undefined> {
  const status = await orPolicyError(path, () => stat(path, { bigint: true }));
  if (!status.isFile()) return undefined;
  const signature = [status.dev, status.ino, status.size, status.mtimeNs, status.ctimeNs].join(':');
  return { path, signature, worldWritable: (status.mode & 0o002n) !== 0n };
}

async function fileNames(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw asPolicyError(folder, error);
  }
}

async function readFileRules(path: string): Promise<ReturnType<typeof readMapping>> {
  const bytes = await orPolicyError(path, () => readFile(path));
  try {
    return readMapping(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof DataError) {
      const origin = error.line === undefined ? { file: path } : { file: path, line: error.line };
      throw new PolicyError(error.message, { origin }, { cause: error });
    }
    if (error instanceof TypeError)
      throw new PolicyError('is not UTF-8', { origin: { file: path } }, { cause: error });
    throw error;
  }
}

async function orPolicyError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asPolicyError(path, error);
  }
}

function asPolicyError(path: string, error: unknown): PolicyError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const reason = isMissing(error) ? 'does not exist' : `cannot be read (${code})`;
  return new PolicyError(reason, { origin: { file: path } }, { cause: error });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
