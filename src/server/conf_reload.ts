/** What a changed keystone.conf means for a process that runs. */
import { isDeepStrictEqual } from 'node:util';
import type { OptionDeclaration } from '../common/config/declaration.js';
import { type LoadedConf, SECTIONS } from '../conf/index.js';
import { LOG_OPTIONS } from './service_log.js';

/** The log is set up anew with every option that it has. */
const logOptions: ReadonlySet<string> = new Set(LOG_OPTIONS);

export interface ConfChanges {
  /** Options that are in force from now on, as `[section] option`. */
  readonly applied: readonly string[];
  /** Options that wait for the next start. */
  readonly waiting: readonly string[];
}

/** The options whose values differ, sorted by whether they may change in a running process. */
export function compareConf(before: LoadedConf, after: LoadedConf): ConfChanges {
  const applied: string[] = [];
  const waiting: string[] = [];
  for (const [section, { options }] of Object.entries(SECTIONS)) {
    const old = before.conf[section as keyof typeof SECTIONS] as Readonly<Record<string, unknown>>;
    const now = after.conf[section as keyof typeof SECTIONS] as Readonly<Record<string, unknown>>;
    for (const [name, declaration] of Object.entries<OptionDeclaration>(options)) {
      if (isDeepStrictEqual(old[name], now[name])) continue;
      const isApplied = declaration.mutable === true || (section === 'DEFAULT' && logOptions.has(name));
      (isApplied ? applied : waiting).push(`[${section}] ${name}`);
    }
  }
  return { applied, waiting };
}
