/**
 * `npm run bench` lists the benchmarks, `npm run bench -- NAME --help` tells of one, and `npm run bench -- NAME
 * [arguments]` runs one, with its exit status.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const script = (name: string): string => join(import.meta.dirname, name, 'index.ts');

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(script(entry.name)))
  .map(({ name }) => name)
  .sort();

/** The comment that a benchmark begins with: what it measures, and its arguments. */
function description(name: string): string {
  const [, text = ''] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(script(name), 'utf8')) ?? [];
  return text.replaceAll(/\n \* ?/g, '\n').trim();
}

/** Its first sentence. */
function summary(name: string): string {
  const words = description(name).replaceAll(/\s*\n\s*/g, ' ');
  return /^.*?[.:](?= |$)/.exec(words)?.[0].replace(/:$/, '.') ?? words;
}

const HELP = ['--help', '-h'];
const [given, ...args] = process.argv.slice(2);
const name = given !== undefined && HELP.includes(given) ? undefined : given;
if (name !== undefined && names.includes(name) && args.some((argument) => HELP.includes(argument))) {
  process.stdout.write(`${description(name)}\n`);
} else if (name !== undefined && names.includes(name)) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script(name), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  const width = Math.max(...names.map(({ length }) => length));
  const lines = names.map((each) => `  ${each.padEnd(width)}  ${summary(each)}`);
  const text = ['npm run bench -- NAME [--help | arguments]', '', ...lines, ''].join('\n');
  if (name === undefined) process.stdout.write(text);
  else process.stderr.write(`There is no benchmark '${name}'.\n\n${text}`);
  process.exitCode = name === undefined ? 0 : 2;
}
