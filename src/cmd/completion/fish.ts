/** Completion for fish. */
import { identifier, type Node, type Values } from './tree.js';

function valuesOf(values: Values): string {
  if ('choices' in values) return ` -x -a '${values.choices.join(' ')}'`;
  return values.kind === 'any' ? ' -x' : ' -r -F';
}

export function fishScript(program: string, nodes: readonly Node[]): string {
  const at = `__${identifier(program)}_at`;
  const lines: string[] = [];
  const valued = new Set<string>();
  for (const { path, commands, flags, values } of nodes) {
    const begin = `complete -c ${program} -n '${at} "${path}"'`;
    for (const { name, help } of commands) lines.push(`${begin} -a ${name} -d '${help}'`);
    for (const { spellings, help, value } of flags) {
      if (value !== null) for (const spelling of spellings) valued.add(spelling);
      const names = spellings.map((each) =>
        each.startsWith('--') ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`,
      );
      lines.push(`${begin} ${names.join(' ')}${value === null ? '' : valuesOf(value)} -d '${help}'`);
    }
    if (values !== null && 'choices' in values) lines.push(`${begin} -a '${values.choices.join(' ')}'`);
  }
  const names = nodes.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  return `# Completion of ${program} for fish.
function ${at} -d 'Whether the command line is at this command'
  set -l place
  set -l skip
  for word in (commandline -opc)[2..-1]
    if set -q skip[1]
      set -e skip
      continue
    end
    if contains -- $word ${[...valued].join(' ')}
      set skip 1
    else if contains -- (string join ' ' $place $word) ${names.join(' ')}
      set -a place $word
    end
  end
  test (string join ' ' $place) = "$argv[1]"
end
complete -c ${program} -f
${lines.join('\n')}
`;
}
