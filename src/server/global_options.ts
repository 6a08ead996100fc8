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

  /** Whether one of the options says where lines are to be logged. */
  get namesLogFile(): boolean {
    return 'log_file' in this.#overrides || 'log_dir' in this.#overrides;
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
    text('--log-file <file>', 'write the log to this file', 'log_file');
    text('--log-dir <dir>', 'folder of the log file', 'log_dir');
    // Options of Keystone's command that change nothing here, so that scripts with them go on working.
    for (const flags of [
      '--standard-threads',
      '--nostandard-threads',
      '--pydev-debug-host <host>',
      '--pydev-debug-port <port>',
      '-v, --verbose',
      '--noverbose',
      '--use-syslog',
      '--nouse-syslog',
      '--syslog-log-facility <facility>',
      '--log-date-format <format>',
      '--log-config-append <file>',
      '--watch-log-file',
      '--nowatch-log-file',
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
