/** The commands as shells see them: what may stand at a place of the command line. */
import type { Command, Option } from 'commander';

/** What may follow an option, or stand as an argument. */
export type Values = { readonly kind: 'file' | 'folder' | 'any' } | { readonly choices: readonly string[] };

export interface Flag {
  /** `--json`, `-d`. */
  readonly spellings: readonly string[];
  readonly help: string;
  /** Null when it stands alone. */
  readonly value: Values | null;
}

/** A command, or the program itself. */
export interface Node {
  /** `pipeline check`; empty for the program. */
  readonly path: string;
  /** Commands beneath it. */
  readonly commands: readonly { readonly name: string; readonly help: string }[];
  readonly flags: readonly Flag[];
  /** What its arguments may be. */
  readonly values: Values | null;
}

/** What a placeholder (`<file>`) says of the value. */
function kindOf(placeholder: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { choices };
  if (/file|path/i.test(placeholder)) return { kind: 'file' };
  return { kind: /dir|folder/i.test(placeholder) ? 'folder' : 'any' };
}

function flagOf(option: Option): Flag {
  const takesValue = option.required || option.optional;
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? '';
  return {
    spellings: [option.long, option.short].filter((spelling) => typeof spelling === 'string'),
    help: firstSentence(option.description),
    value: takesValue ? kindOf(placeholder, option.argChoices) : null,
  };
}

/** Short, and without what a shell would take for its own. */
function firstSentence(text: string): string {
  return (text.split(/[;:(]|\. /)[0] ?? '').replace(/['"`\\$[\]]/g, '').trim();
}

/** A command and those beneath it, the program first. */
export function treeOf(command: Command, path = ''): Node[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const [argument] = command.registeredArguments;
  const node: Node = {
    path,
    commands: commands.map((child) => ({
      name: child.name(),
      help: firstSentence(child.summary() === '' ? child.description() : child.summary()),
    })),
    flags: help.visibleOptions(command).map(flagOf),
    values: argument === undefined ? null : kindOf(argument.name(), argument.argChoices),
  };
  return [
    node,
    ...commands.flatMap((child) => treeOf(child, path === '' ? child.name() : `${path} ${child.name()}`)),
  ];
}

/** Identifier for functions and variables of shells: `keystone_manage`. */
export function identifier(program: string): string {
  return program.replace(/\W/g, '_');
}
