/** Options that stand before every command, and before the names that keystone-serve serves. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { type ConfigSource, type LoadedConf, loadConf, type Overrides } from '../conf/index.js';
import { packageFile } from './package_info.js';

/** What the global options said, in the order in which they were read. */
export class GlobalOptions {
  readonly #sources: ConfigSource[] = [];
  readonly #overrides: Record<string, string> = {};

  get isDebug(): boolean {
    return this.#overrides['debug'] === 'true';
  }

  /** Options that were set on the command line, as values of `[DEFAULT]`. */
  get overrides(): Overrides {
    return { DEFAULT: this.#overrides };
  }

  /** Whether the command line itself set an option of `[DEFAULT]`. */
  sets(...names: readonly string[]): boolean {
    return names.some((name) => name in this.#overrides);
  }

  /** Declare the options. */
  declare(command: Command): void {
    const text = (flags: string, help: string, name: string): void => {
      command.addOption(new Option(flags, help).argParser((value: string) => this.#set(name, value)));
    };
    const flag = (flags: string, help: string, name: string, value: 'true' | 'false'): void => {
      const option = new Option(flags, help);
      command.addOption(option).on(`option:${option.name()}`, () => this.#set(name, value));
    };
    command
      .addOption(
        new Option(
          '--config-file <file>',
          'read this configuration file; may be repeated, a later one wins (default: keystone.conf in ~/.keystone, ~,' +
            ' /etc/keystone, /etc)',
        ).argParser((path: string) => this.#add('file', path)),
      )
      .addOption(
        new Option('--config-dir <dir>', 'read the *.conf files of this folder; may be repeated').argParser(
          (path: string) => this.#add('dir', path),
        ),
      );
    flag('-d, --debug', 'log debug lines, and show where errors come from', 'debug', 'true');
    flag('--nodebug', 'the opposite of --debug, over the configuration', 'debug', 'false');
    flag('-v, --verbose', 'log from level INFO on', 'verbose', 'true');
    flag('--noverbose', 'log from level WARNING on', 'verbose', 'false');
    text('--log-config-append <file>', "logging configuration in the form of Python's", 'log_config_append');
    text('--log-date-format <format>', 'how lines of the log show the time', 'log_date_format');
    text('--log-file <file>', 'write the log to this file', 'log_file');
    text('--log-dir <dir>', 'folder of the log file', 'log_dir');
    flag('--watch-log-file', 'open the log file anew when it was moved away', 'watch_log_file', 'true');
    flag('--nowatch-log-file', 'the opposite of --watch-log-file', 'watch_log_file', 'false');
    flag('--use-syslog', 'log to syslog', 'use_syslog', 'true');
    flag('--nouse-syslog', 'the opposite of --use-syslog', 'use_syslog', 'false');
    text('--syslog-log-facility <name>', 'facility of syslog, such as LOG_LOCAL0', 'syslog_log_facility');
    // Options of Keystone's command that change nothing here, so that scripts with them go on working.
    for (const flags of [
      '--standard-threads',
      '--nostandard-threads',
      '--pydev-debug-host <host>',
      '--pydev-debug-port <port>',
    ]) {
      command.addOption(new Option(flags, 'accepted for compatibility').hideHelp());
    }
  }

  /**
   * Load the configuration. Without `--config-file`, an `etc/keystone.conf` beside the program goes before those of
   * the standard folders.
   *
   * @throws ConfError
   */
  load(env: NodeJS.ProcessEnv): LoadedConf {
    const own = fileURLToPath(packageFile('etc/keystone.conf'));
    const sources = [...this.#sources];
    if (!sources.some(({ kind }) => kind === 'file') && existsSync(own)) {
      sources.unshift({ kind: 'file', path: own });
    }
    return loadConf({ sources, overrides: this.overrides, env });
  }

  #add(kind: ConfigSource['kind'], path: string): void {
    this.#sources.push({ kind, path });
  }

  #set(name: string, value: string): void {
    this.#overrides[name] = value;
  }
}

/** Said when there is no configuration at all: then every default counts, which is hardly what was meant. */
export const NO_CONFIGURATION =
  'no configuration file was found (keystone.conf in ~/.keystone, ~, /etc/keystone, /etc): the built-in defaults' +
  ' count; name one with --config-file';
