/**
 * The arguments of a command line that are about the configuration: `--config-file F` and `--config-dir D`, both
 * repeatable, and options that may be given as `--name value`, `--name=value`, or `--name` and `--noname` when they
 * are true or false. An option of a section other than DEFAULT is `--section-name`. Hyphens and underscores are equal.
 */
import { ConfigError } from './errors.js';
import type { ConfigSource } from './locations.js';
import type { RegisteredOption } from './registry.js';

export interface ParsedArguments {
  /** The files and folders in the order of the command line. */
  readonly sources: readonly ConfigSource[];
  /** Section to option to values. */
  readonly overrides: {
    readonly [section: string]: { readonly [option: string]: string | readonly string[] };
  };
  /** What begins with the first argument that is none of these: a command and its own arguments. */
  readonly rest: readonly string[];
}

/** What an argument does: it takes a value, or it is one. */
type Meaning =
  | { readonly source: ConfigSource['kind'] }
  | { readonly option: RegisteredOption; readonly flag: string | null };

function meanings(options: readonly RegisteredOption[]): ReadonlyMap<string, Meaning> {
  const known = new Map<string, Meaning>([
    ['config-file', { source: 'file' }],
    ['config-dir', { source: 'dir' }],
  ]);
  for (const option of options) {
    for (const { section, name } of option.names.toReversed()) {
      const prefix = section === 'DEFAULT' ? '' : `${section}-`;
      const add = (text: string, flag: string | null): unknown =>
        known.set(`${prefix}${text}`.replaceAll('_', '-'), { option, flag });
      if (option.declaration.type === 'bool') {
        add(`no${name}`, 'false');
        add(name, 'true');
      } else {
        add(name, null);
      }
    }
  }
  return known;
}

/** Whether the next argument can be the value of the one before: another option cannot, a negative number can. */
function isValue(argument: string | undefined): argument is string {
  return (
    argument !== undefined && (!argument.startsWith('-') || argument === '-' || /^-\d*\.?\d+$/.test(argument))
  );
}

function refuse(why: string): never {
  throw new ConfigError('argument', why);
}

/**
 * Read the arguments up to the first that does not concern the configuration.
 *
 * @param options those that may be given on the command line
 * @param letters names that a single letter stands for: `-d` for `--debug`
 * @throws ConfigError `argument`: a value is missing, or there is one where none belongs
 */
export function parseArguments(
  argv: readonly string[],
  options: readonly RegisteredOption[],
  letters: { readonly [letter: string]: string } = {},
): ParsedArguments {
  const known = meanings(options);
  const sources: ConfigSource[] = [];
  const overrides = new Map<string, Map<string, string | string[]>>();
  const set = ({ section, name, declaration }: RegisteredOption, value: string): void => {
    const values = overrides.get(section) ?? new Map<string, string | string[]>();
    const before = values.get(name);
    values.set(
      name,
      declaration.type === 'multi' ? [...(Array.isArray(before) ? before : []), value] : value,
    );
    overrides.set(section, values);
  };
  let at = 0;
  while (at < argv.length) {
    const [, letter = '', long, given] = /^-(?:([a-z])|-([^=]+)(?:=(.*))?)$/s.exec(argv[at] ?? '') ?? [];
    const text = long ?? letters[letter] ?? '';
    const meaning = known.get(text.replaceAll('_', '-'));
    if (meaning === undefined) {
      break;
    }
    at += 1;
    if ('flag' in meaning && meaning.flag !== null) {
      set(meaning.option, given === undefined ? meaning.flag : refuse(`--${text} takes no value`));
      continue;
    }
    const next = argv[at];
    let value = given;
    if (value === undefined) {
      value = isValue(next) ? next : refuse(`--${text} needs a value`);
      at += 1;
    }
    if ('source' in meaning) {
      sources.push({ kind: meaning.source, path: value });
    } else {
      set(meaning.option, value);
    }
  }
  const sections = [...overrides].map(([section, values]) => [section, Object.fromEntries(values)] as const);
  return { sources, overrides: Object.fromEntries(sections), rest: argv.slice(at) };
}
