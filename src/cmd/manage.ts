/** `keystone-manage`: finds the command, loads the configuration for it, and turns what happens into an exit status. */
import { Command, CommanderError } from 'commander';
import { maskSecrets, shutdownLogging } from '../common/log/index.js';
import { GlobalOptions, NO_CONFIGURATION } from '../server/global_options.js';
import { createOutput, describeError, type Output } from '../server/output.js';
import { packageVersion } from '../server/package_info.js';
import { applyLogging } from '../server/service_log.js';
import { type CommandContext, CommandError, EXIT, type ManageCommand, type Work } from './command.js';
import { COMMANDS, GROUPS } from './commands.js';

export interface ManageOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly commands?: readonly ManageCommand[];
}

const PROGRAM = 'keystone-manage';

function examplesText(examples: ManageCommand['examples']): string {
  return [
    '',
    'Examples:',
    ...examples.flatMap(([line, effect]) => [`  # ${effect}`, `  ${PROGRAM} ${line}`]),
  ].join('\n');
}

/** The commander program. `finish` takes the exit status of the command that ran. */
function build(options: ManageOptions, global: GlobalOptions, finish: (status: number) => void): Command {
  const program = new Command(PROGRAM)
    .description('Administer the Identity service of this machine: database, keys, first user, pipelines.')
    .version(packageVersion(), '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => options.output.line(text.trimEnd()),
      writeErr: (text) => options.output.note(text.trimEnd()),
    })
    .showHelpAfterError(`(run "${PROGRAM} --help" for the commands and options)`);
  global.declare(program);
  const groups = new Map<string, Command>();
  const groupOf = (name: string): Command => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const group = program.command(name).description(GROUPS[name] ?? '');
    groups.set(name, group);
    return group;
  };
  const context = contextOf(options, global);
  for (const declared of options.commands ?? COMMANDS) {
    const parent = declared.group === undefined ? program : groupOf(declared.group);
    const command = parent
      .command(declared.name)
      .summary(declared.summary)
      .description(declared.details)
      .addHelpText('after', examplesText(declared.examples));
    declared.configure(command, async (work: Work) => finish((await work(context)) ?? EXIT.success));
  }
  return program;
}

function contextOf({ output, env }: ManageOptions, global: GlobalOptions): CommandContext {
  return {
    output,
    env,
    loadConf() {
      const loaded = global.load(env);
      const { conf, files, notes } = loaded;
      // The log of the service belongs to the service: a line of a command run by root would create the file as root's.
      applyLogging(loaded, PROGRAM, {
        ...(!global.sets('log_config_append') && { log_config_append: null }),
        ...(!global.sets('use_syslog') && { use_syslog: false }),
        ...(!global.sets('log_file', 'log_dir') && { log_file: null, log_dir: null, use_stderr: true }),
        ...(!conf.DEFAULT.debug && !global.sets('verbose') && { verbose: false }),
      });
      if (files.length === 0) output.note(`warning: ${NO_CONFIGURATION}`);
      // The service tells them in its log; here they would hide what the command has to say.
      if (conf.DEFAULT.debug) for (const note of notes) output.note(`note: ${note}`);
      return loaded;
    },
  };
}

/**
 * Run a command line.
 *
 * @param args without interpreter and program
 * @returns the exit status: 0 success, 1 failure, 2 for a command line that is not valid
 */
export async function manage(args: readonly string[], options: ManageOptions): Promise<number> {
  const global = new GlobalOptions();
  let status: number = EXIT.success;
  const program = build(options, global, (result) => {
    status = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    options.output.note(`error: ${maskSecrets(describeError(error))}`);
    if (global.isDebug && error instanceof Error) options.output.note(maskSecrets(error.stack ?? ''));
    return error instanceof CommandError ? error.exitCode : EXIT.failure;
  }
}

/** The program. @returns the exit status */
export async function main(args: readonly string[]): Promise<number> {
  // Whoever reads the output may have read enough: `keystone-manage … | head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const output = createOutput(process.stdout, process.stderr);
  try {
    return await manage(args, { output, env: process.env });
  } finally {
    shutdownLogging();
  }
}
