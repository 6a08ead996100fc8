/** What the rest of the service sees of the configuration. */
import type { ConfigValue, SectionValues } from '../common/config/declaration.js';
import { ConfigError } from '../common/config/errors.js';
import type { ConfigSource } from '../common/config/locations.js';
import type { Origin, Overrides } from '../common/config/resolver.js';
import type { SECTIONS } from './sections/index.js';

/** All declared options with their values: `conf.token.expiration` is a number. Frozen. */
export type Conf = SectionValues<typeof SECTIONS>;

export type SectionName = keyof Conf;
export type OptionName<S extends SectionName> = keyof Conf[S] & string;

export interface LoadConfOptions {
  /** `--config-file`, in order. None given: keystone.conf of the standard folders. */
  readonly configFiles?: readonly string[];
  /** `--config-dir`, in order, read after the files. None given: keystone.conf.d, read before the named files. */
  readonly configDirs?: readonly string[];
  /** Files and folders in the order of the command line, in place of the two above. */
  readonly sources?: readonly ConfigSource[];
  /** Arguments of the command line: they go before everything else. */
  readonly overrides?: Overrides;
  /** `OS_<SECTION>__<OPTION>` in it go before files; `HOME` is the home folder. The process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Setting {
  readonly section: string;
  readonly name: string;
  /** Null also when it is secret. */
  readonly value: ConfigValue;
  readonly origin: Origin;
}

export interface LoadedConf {
  readonly conf: Conf;
  /** The files that were read, in order; a later one goes before an earlier one. */
  readonly files: readonly string[];
  /** What an operator should know though it stops nothing: one sentence each, to be logged once. */
  readonly notes: readonly string[];
  /** Those of the notes that are about what is set in vain. */
  readonly ignored: readonly string[];
  /** What somebody set and what has an effect, in the order of the option table. */
  readonly settings: readonly Setting[];
  /** Where the value of an option comes from. */
  origin<S extends SectionName>(section: S, option: OptionName<S>): Origin;
  /**
   * A file beside the configuration, such as keystone-paste.ini: an absolute path is taken as it is, any other is
   * looked for in the named folders, beside the named files and in the standard folders. Null when there is none.
   */
  findFile(name: string): string | null;
  /**
   * The options of a section as they stand in the files, declared or not: for sections whose names are the
   * operator's, such as `[saml2] remote_id_attribute`. References stay as they are. Empty when no file has it.
   */
  section(name: string): ReadonlyMap<string, string>;
  /** The sections `[cors.NAME]` of the files, by full name. */
  readonly corsSections: ReadonlyMap<string, Conf['cors']>;
}

/** A value as the domain configuration API stores it. */
export type StoredValue = ConfigValue;

/** The configuration cannot be used. The message names file, line, section and option of every problem. */
export class ConfError extends ConfigError {
  override readonly name = 'ConfError';
  /** One entry per problem, at least one. The error's own `place` is that of the first. */
  readonly problems: readonly ConfigError[];

  constructor(problems: readonly [ConfigError, ...ConfigError[]]) {
    const [first] = problems;
    super(first.problem, problems.map(({ message }) => message).join('\n'), first.place);
    this.problems = problems;
  }
}
