/** The arguments about the configuration that every command of the service knows. */
import { parseArguments } from '../common/config/arguments.js';
import type { OptionDeclaration } from '../common/config/declaration.js';
import { ConfigError } from '../common/config/errors.js';
import { OptionRegistry } from '../common/config/registry.js';
import { SECTIONS } from './sections/index.js';
import { ConfError, type LoadConfOptions } from './types.js';

/** Options of [DEFAULT] that oslo.log and Keystone offer on the command line. */
const OFFERED = [
  'debug',
  'log_config_append',
  'log_date_format',
  'log_dir',
  'log_file',
  'pydev_debug_host',
  'pydev_debug_port',
  'standard_threads',
  'syslog_log_facility',
  'use_eventlog',
  'use_journal',
  'use_json',
  'use_syslog',
  'watch_log_file',
] as const satisfies readonly (keyof typeof SECTIONS.DEFAULT.options)[];

const LETTERS = { d: 'debug' };

export interface CommandLine {
  /** To be handed to `loadConf`. */
  readonly options: Pick<LoadConfOptions, 'sources' | 'overrides'>;
  /** The arguments from the first one on that does not concern the configuration. */
  readonly rest: readonly string[];
}

/**
 * Read `--config-file F`, `--config-dir D`, `--debug`, `--log-file F` and the like from the front of a command line.
 *
 * @param argv without the program
 * @throws ConfError when a value is missing, or there is one where none belongs
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const registry = new OptionRegistry();
  const declarations: { readonly [name: string]: OptionDeclaration } = SECTIONS.DEFAULT.options;
  const offered = OFFERED.map((name) =>
    registry.register('DEFAULT', name, declarations[name] as OptionDeclaration),
  );
  try {
    const { sources, overrides, rest } = parseArguments(argv, offered, LETTERS);
    return { options: { sources, overrides }, rest };
  } catch (error) {
    throw error instanceof ConfigError ? new ConfError([error]) : error;
  }
}
