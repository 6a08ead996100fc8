/** Who may read a file, for the symptoms about it. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** `0640` */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** The mode of a file or folder; null when it is not there or cannot be looked at. */
export async function modeOf(path: string): Promise<number | null> {
  const status = await stat(path).catch(() => null);
  return status?.mode ?? null;
}

/** A folder and what lies in it, by path; nothing when it cannot be read. */
export async function withContents(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return [
    folder,
    ...names.sort((left, right) => left.localeCompare(right)).map((name) => join(folder, name)),
  ];
}

/** Those of the paths whose mode has one of the bits, as findings. */
export async function openTo(paths: readonly string[], bits: number): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const path of paths) {
    const mode = await modeOf(path);
    if (mode !== null && (mode & bits) !== 0) findings.push(`${path} has mode ${modeText(mode)}`);
  }
  return findings;
}
