/** Completion for zsh, as a file `_PROGRAM` of its function path or to be sourced. */
import { identifier, type Node, type Values } from './tree.js';

function replies(values: Values): string {
  if ('choices' in values) return `compadd -- ${values.choices.join(' ')}`;
  if (values.kind === 'any') return ':';
  return values.kind === 'file' ? '_files' : '_files -/';
}

const described = (name: string, help: string): string => `'${name}:${help.replaceAll(':', ' ')}'`;

export function zshScript(program: string, nodes: readonly Node[]): string {
  const name = `_${identifier(program)}`;
  const steps: string[] = [];
  const values: string[] = [];
  const words: string[] = [];
  for (const { path, commands, flags, values: own } of nodes) {
    const alternatives = (names: readonly string[]): string =>
      names.map((each) => `'${path} ${each}'`).join(' | ');
    const valued = flags.filter(({ value }) => value !== null).flatMap(({ spellings }) => spellings);
    if (valued.length > 0) steps.push(`      (${alternatives(valued)}) skip=1 ;;`);
    if (commands.length > 0) {
      const names = commands.map((command) => command.name);
      steps.push(`      (${alternatives(names)}) place="\${place:+$place }$word" ;;`);
    }
    for (const { spellings, value } of flags) {
      if (value !== null) values.push(`    (${alternatives(spellings)}) ${replies(value)}; return ;;`);
    }
    const all = [
      ...commands.map((command) => described(command.name, command.help)),
      ...flags.flatMap(({ spellings, help }) => spellings.map((spelling) => described(spelling, help))),
      ...(own !== null && 'choices' in own ? own.choices.map((choice) => described(choice, '')) : []),
    ];
    words.push(`    ('${path}') found=(${all.join(' ')}) ;;`);
  }
  // "path" is the search path of commands in zsh.
  return `#compdef ${program}
${name}() {
  local word place= skip= i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $skip ]]; then
      skip=
      continue
    fi
    case "$place $word" in
${steps.join('\n')}
    esac
  done
  case "$place \${words[CURRENT - 1]}" in
${values.join('\n')}
  esac
  case "$place" in
${words.join('\n')}
  esac
  _describe '${program}' found
}
if [[ $funcstack[1] == ${name} ]]; then ${name} "$@"; else compdef ${name} ${program}; fi
`;
}
