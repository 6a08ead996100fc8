import { Argument, type Command } from 'commander';
import type { ManageCommand } from './command.js';
import { bashScript } from './completion/bash.js';
import { fishScript } from './completion/fish.js';
import { type Node, treeOf } from './completion/tree.js';
import { zshScript } from './completion/zsh.js';

const SCRIPTS: Readonly<Record<string, (program: string, nodes: readonly Node[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

export const completion: ManageCommand = {
  name: 'completion',
  summary: 'print what completes this command in a shell',
  details:
    'Print a script that makes the shell complete commands, options and their values. Options that name files are' +
    ' completed with files. The script is that of this release: make it anew after an update.',
  examples: [
    ['completion bash > /etc/bash_completion.d/keystone-manage', 'for bash, for everybody'],
    ['completion zsh > /usr/local/share/zsh/site-functions/_keystone-manage', 'for zsh'],
    ['completion fish > ~/.config/fish/completions/keystone-manage.fish', 'for fish'],
  ],
  configure(command, run) {
    command
      .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
      .action((shell: string) =>
        run(async ({ output }) => {
          const root = rootOf(command);
          output.line(SCRIPTS[shell]?.(root.name(), treeOf(root)).trimEnd());
        }),
      );
  },
};
