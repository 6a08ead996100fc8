/** `npm run bench` lists the benchmarks; `npm run bench -- NAME [arguments]` runs one, with its exit status. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const script = (name: string): string => join(import.meta.dirname, name, 'index.ts');

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(script(entry.name)))
  .map(({ name }) => name)
  .sort();

/** The first sentence of the comment that a benchmark begins with. */
function summary(name: string): string {
  const [, text = ''] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(script(name), 'utf8')) ?? [];
  const words = text.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
  return /^.*?[.:](?= |$)/.exec(words)?.[0].replace(/:$/, '.') ?? words;
}

const [name, ...args] = process.argv.slice(2);
if (name !== undefined && names.includes(name)) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script(name), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  const width = Math.max(...names.map(({ length }) => length));
  const lines = names.map((each) => `  ${each.padEnd(width)}  ${summary(each)}`);
  const text = ['npm run bench -- NAME [arguments]', '', ...lines, ''].join('\n');
  if (name === undefined) process.stdout.write(text);
  else process.stderr.write(`There is no benchmark '${name}'.\n\n${text}`);
  process.exitCode = name === undefined ? 0 : 2;
}
