/** What a file in this folder declares, and what it works with. */
import type { Command } from 'commander';
import type { LoadedConf } from '../conf/index.js';
import type { Output } from '../server/output.js';

/** Exit statuses, those of Keystone's own command. */
export const EXIT = { success: 0, failure: 1, usage: 2 } as const;

/** A command cannot do what it was asked for; the message is all that the person sees. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.failure;
  }
}

export interface CommandContext {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** The configuration that the global options name. The log goes to stderr from then on. */
  readonly loadConf: () => LoadedConf;
}

/**
 * Runs what a command is for.
 * @returns the exit status, when it is not simply success
 */
export type Work = (context: CommandContext) => Promise<number | void>;

export interface ManageCommand {
  /** `pipeline` of `pipeline check`. */
  readonly group?: string;
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, when to run it, what to know before. */
  readonly details: string;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, effect: string])[];
  /** Declare arguments and options, and hand over what is to be done with them. */
  configure(command: Command, run: (work: Work) => Promise<void>): void;
}
