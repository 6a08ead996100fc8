/** Completion for bash (4 and later), without the package bash-completion. */
import { type Flag, identifier, type Node, type Values } from './tree.js';

/** Words of a pattern of `case`, each with the path before it. */
function patterns(path: string, words: readonly string[]): string {
  return words.map((word) => `'${path} ${word}'`).join(' | ');
}

function replies(values: Values): string {
  if ('choices' in values) return `COMPREPLY=($(compgen -W '${values.choices.join(' ')}' -- "$cur"))`;
  if (values.kind === 'any') return 'COMPREPLY=()';
  const files = values.kind === 'file' ? '-f' : '-d';
  return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen ${files} -- "$cur"))`;
}

const takesValue = ({ value }: Flag): boolean => value !== null;

export function bashScript(program: string, nodes: readonly Node[]): string {
  const name = `_${identifier(program)}`;
  const steps: string[] = [];
  const values: string[] = [];
  const words: string[] = [];
  for (const { path, commands, flags, values: own } of nodes) {
    const valued = flags.filter(takesValue).flatMap(({ spellings }) => spellings);
    if (valued.length > 0) steps.push(`      ${patterns(path, valued)}) skip=1 ;;`);
    if (commands.length > 0) {
      const names = commands.map((command) => command.name);
      steps.push(`      ${patterns(path, names)}) path="\${path:+$path }$word" ;;`);
    }
    for (const { spellings, value } of flags) {
      if (value !== null) values.push(`    ${patterns(path, spellings)}) ${replies(value)}; return ;;`);
    }
    const all = [
      ...commands.map((command) => command.name),
      ...flags.flatMap(({ spellings }) => spellings),
      ...(own !== null && 'choices' in own ? own.choices : []),
    ];
    words.push(`    '${path}') COMPREPLY=($(compgen -W '${all.join(' ')}' -- "$cur")) ;;`);
  }
  return `# Completion of ${program} for bash.
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path= word skip= i
  COMPREPLY=()
  # In --option=value, bash takes the sign for a word.
  [[ $prev == '=' ]] && prev=\${COMP_WORDS[COMP_CWORD - 2]}
  if [[ $cur == '=' ]]; then cur=; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == '=' ]] && continue
    if [[ -n $skip ]]; then
      skip=
      continue
    fi
    case "$path $word" in
${steps.join('\n')}
    esac
  done
  case "$path $prev" in
${values.join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
}
complete -F ${name} ${program}
`;
}
