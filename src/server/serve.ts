/** `keystone-serve`: from the command line to a process that serves, reloads and ends as it is told to. */
import { Command, CommanderError } from 'commander';
import { getLogger, maskSecrets, shutdownLogging } from '../common/log/index.js';
import type { LoadedConf } from '../conf/index.js';
import { describeAddress, parseTarget, type ServeTarget } from './address.js';
import { checkStart } from './check.js';
import { compareConf } from './conf_reload.js';
import { GlobalOptions, NO_CONFIGURATION } from './global_options.js';
import { describeError } from './output.js';
import { packageVersion } from './package_info.js';
import { type RunningServer, type Serving, startServer } from './server.js';
import { applyLogging, SERVICE_PROGRAM as PROGRAM } from './service_log.js';
import { tellReady } from './service_manager.js';
import { followSignals } from './signals.js';
import { collectStart, keepHeapSmall } from './small_heap.js';

const log = getLogger('keystone.server');

const EXAMPLES = `
Examples:
  # the two endpoints of a paste file, on the ports of the configuration (5000 and 35357)
  keystone-serve main admin
  # one endpoint for a web server on the same machine
  keystone-serve --config-file /etc/keystone/keystone.conf main@unix:/run/keystone/public.sock
  # before a restart: would a start succeed?
  keystone-serve --check main admin

Signals:
  SIGTERM, SIGINT  finish running requests, then end; a second one ends at once
  SIGUSR2          write a report on the state of the process to the log
  SIGHUP           read the paste file, the log settings and the files of domains again, open the log file anew`;

export interface ServeEnvironment {
  readonly env: NodeJS.ProcessEnv;
}

/** A service that was started from a command line. */
export interface Service {
  readonly serving: readonly Serving[];
  /** Read configuration and paste file again; what is wrong is logged and changes nothing. */
  reload(): Promise<void>;
  /** Write a report on the state of the process to the log. */
  diagnose(): Promise<void>;
  stop(): Promise<void>;
}

function say(loaded: LoadedConf): void {
  if (loaded.files.length === 0) log.warn(NO_CONFIGURATION);
  for (const note of loaded.notes) log.warn(note);
}

/** Put in force what may change in a running process. */
async function reload(
  options: GlobalOptions,
  env: NodeJS.ProcessEnv,
  before: LoadedConf,
  server: RunningServer,
) {
  let loaded = before;
  try {
    loaded = options.load(env);
    applyLogging(loaded, PROGRAM);
    const { applied, waiting } = compareConf(before, loaded);
    if (applied.length > 0) log.info(`In force from now on: ${applied.join(', ')}`);
    if (waiting.length > 0) log.warn(`Changed, but in force only after a restart: ${waiting.join(', ')}`);
  } catch (error) {
    log.error(`The configuration stays as it was: ${describeError(error)}`);
  }
  try {
    await server.reloadDomains();
  } catch (error) {
    log.error(`The identity backends of domains stay as they were: ${describeError(error)}`);
  }
  await server.reloadPipelines(loaded);
  return loaded;
}

interface CommandLine {
  readonly global: GlobalOptions;
  readonly loaded: LoadedConf;
  readonly targets: readonly ServeTarget[];
  readonly isCheck: boolean;
}

/** @throws CommanderError when the command line is not valid (or only asked for help), ConfError */
function readCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const global = new GlobalOptions();
  const command = new Command(PROGRAM)
    .description('Serve composites, pipelines or apps of the paste file over HTTP, all in this process.')
    .argument(
      '<name...>',
      'what to serve, and where: NAME, NAME@PORT, NAME@HOST:PORT, NAME@[IPV6]:PORT, NAME@unix:/path or NAME@fd:3',
    )
    .option(
      '--check',
      'do all that a start does, but for listening, then end: with 0 when a start would succeed',
    )
    .version(packageVersion(), '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  global.declare(command);
  command.parse(args, { from: 'user' });
  const loaded = global.load(env);
  const targets = command.args.map((argument) => parseTarget(argument, loaded.conf.keystone_koa.bind_host));
  return { global, loaded, targets, isCheck: command.opts<{ check?: boolean }>().check === true };
}

/**
 * Serve what a command line says.
 *
 * @throws Error when the start fails
 */
async function serveCommand(command: CommandLine, env: NodeJS.ProcessEnv): Promise<Service> {
  const { global, targets } = command;
  let { loaded } = command;
  applyLogging(loaded, PROGRAM);
  say(loaded);
  let server: RunningServer;
  try {
    server = await startServer(loaded, targets);
  } catch (error) {
    // Whoever looks for the reason looks into the log; on stderr the caller of this function tells it.
    if (!loaded.conf.DEFAULT.use_stderr) log.error(`The start failed: ${describeError(error)}`);
    throw error;
  }
  return {
    serving: server.serving,
    reload: async () => {
      loaded = await reload(global, env, loaded, server);
    },
    diagnose: () => server.diagnose(),
    stop: () => server.stop(),
  };
}

/**
 * Read a command line and serve what it says.
 *
 * @throws CommanderError when the command line is not valid (or only asked for help), Error when the start fails
 */
export function serve(args: readonly string[], { env }: ServeEnvironment): Promise<Service> {
  return serveCommand(readCommandLine(args, env), env);
}

/** What is noteworthy goes to whoever asked, and not into the log of the service. @throws as checkStart() does */
async function checkCommand({ loaded, targets }: CommandLine): Promise<void> {
  const here = {
    log_config_append: null,
    use_syslog: false,
    log_file: null,
    log_dir: null,
    use_stderr: true,
  };
  applyLogging(loaded, PROGRAM, { ...here, verbose: false });
  await checkStart(loaded, targets);
  process.stdout.write(`${targets.map(({ name }) => name).join(' ')}: a start would succeed\n`);
}

/** Tell whoever waits for it that requests are answered from now on. */
function announceReady({ serving }: Service, env: NodeJS.ProcessEnv): void {
  for (const { name, address } of serving) log.info(`Serving ${name} at ${describeAddress(address)}`);
  log.info(`Ready (process ${process.pid}, version ${packageVersion()})`);
  tellReady(env);
}

/**
 * Serve until the process is told to end, and end it then.
 *
 * @returns when requests are answered
 * @throws as serve() does
 */
export async function run(args: readonly string[], environment: ServeEnvironment): Promise<Service> {
  return runCommand(readCommandLine(args, environment.env), environment);
}

async function runCommand(command: CommandLine, environment: ServeEnvironment): Promise<Service> {
  // Nobody can reload or ask what is not there yet, and nobody meant to end it.
  const ignore = (): void => undefined;
  process.on('SIGHUP', ignore);
  process.on('SIGUSR2', ignore);
  try {
    const service = await serveCommand(command, environment.env);
    followSignals({
      stop: () => service.stop(),
      reload: () => service.reload(),
      diagnose: () => service.diagnose(),
      exit: (status) => {
        log.info('Ended');
        shutdownLogging();
        process.exit(status);
      },
    });
    collectStart();
    announceReady(service, environment.env);
    return service;
  } finally {
    process.off('SIGHUP', ignore);
    process.off('SIGUSR2', ignore);
  }
}

/** The program. */
export async function main(args: readonly string[]): Promise<void> {
  keepHeapSmall();
  // A log that cannot be written is no reason to stop serving.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    const command = readCommandLine(args, process.env);
    if (!command.isCheck) {
      await runCommand(command, { env: process.env });
      return;
    }
    await checkCommand(command);
    // Whatever a filter has left open must not keep this process.
    process.exit(0);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    process.stderr.write(`${PROGRAM}: ${maskSecrets(describeError(error))}\n`);
    const stack = error instanceof Error ? error.stack : undefined;
    if (args.includes('--debug') && stack !== undefined) process.stderr.write(`${maskSecrets(stack)}\n`);
    process.exit(1);
  }
}
