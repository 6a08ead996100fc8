import { parse } from 'ini';
import { fail, PipelineError, type Problem } from './errors.js';
import { indentOf, strip, stripEnd, words } from './text.js';

/** The text of an option, not interpolated, and the line that it begins at. */
export interface IniValue {
  readonly text: string;
  readonly line: number;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly options: ReadonlyMap<string, IniValue>;
}

/** A file as it was read: options in the order of the file, names as they were written. */
export interface IniFile {
  readonly file: string;
  readonly defaults: ReadonlyMap<string, IniValue>;
  readonly sections: ReadonlyMap<string, IniSection>;
}

/** A logical line: a section's header, or an option with its continuation lines. */
type LogicalLine =
  | { readonly kind: 'section'; readonly name: string; readonly line: number }
  | { readonly kind: 'option'; readonly name: string; readonly line: number; readonly parts: string[] };

const defaultSection = 'DEFAULT';

/**
 * Read the text of an ini file with the syntax of Python's `configparser`, which is the one PasteDeploy files are
 * written in: `=` or `:`, comments only on lines of their own, values continued by deeper indented lines, nothing
 * quoted, nothing twice.
 *
 * The reading itself is done by the npm package `ini`. Alone it loses text (it cuts values at `;` and `#`, nests dotted
 * sections, turns `true` into a boolean), so it is fed logical lines in the one notation that it cannot misread.
 *
 * @param text the file's text
 * @param file its name, for messages
 * @throws PipelineError naming each bad line
 */
export function parseIni(text: string, file: string): IniFile {
  const lines = logicalLines(text, file);
  const values = parse(normalised(lines)) as Record<string, Record<string, unknown> | undefined>;

  const defaults = new Map<string, IniValue>();
  const sections = new Map<string, IniSection>();
  let options = defaults;
  let section = defaultSection;
  for (const logical of lines) {
    if (logical.kind === 'section') {
      section = logical.name;
      options = defaults;
      if (section !== defaultSection) {
        options = new Map();
        sections.set(section, { name: section, line: logical.line, options });
      }
      continue;
    }
    const read = values[token(section)]?.[token(logical.name)];
    if (!Array.isArray(read) || read.length !== 1) {
      fail('parse-error', `option '${logical.name}' was lost while reading`, {
        file,
        line: logical.line,
        section,
      });
    }
    // A value such as `true` comes back as what JSON makes of it, even when quoted.
    options.set(logical.name, { text: String(read[0]), line: logical.line });
  }
  return { file, defaults, sections };
}

function logicalLines(text: string, file: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  const bad: Problem[] = [];
  const sections = new Set<string>();
  let options: Set<string> | undefined;
  const defaultOptions = new Set<string>();
  let section: string | undefined;
  let current: Extract<LogicalLine, { kind: 'option' }> | undefined;
  let indent = 0;

  const physical = text.split(/\r\n|\r|\n/);
  for (const [index, raw] of physical.entries()) {
    const line = index + 1;
    const content = strip(raw);
    if (content === '') {
      current?.parts.push('');
      continue;
    }
    if (content.startsWith('#') || content.startsWith(';')) continue;

    const depth = indentOf(raw);
    if (current !== undefined && depth > indent) {
      current.parts.push(content);
      continue;
    }
    indent = depth;

    const close = content.lastIndexOf(']');
    if (content.startsWith('[') && close > 1) {
      const name = content.slice(1, close);
      if (name === defaultSection) {
        options = defaultOptions;
      } else {
        if (sections.has(name))
          fail('duplicate-section', `section '${name}' stands twice`, { file, line, section: name });
        sections.add(name);
        options = new Set();
      }
      section = name;
      current = undefined;
      lines.push({ kind: 'section', name, line });
      continue;
    }
    if (options === undefined) {
      const why = content.startsWith('\ufeff')
        ? ' (the file begins with a byte order mark: save it without)'
        : '';
      fail('no-section-header', `a setting before the first [section]${why}`, { file, line });
    }

    const delimiter = content.search(/[=:]/);
    const name = delimiter < 0 ? '' : stripEnd(content.slice(0, delimiter));
    if (delimiter < 0) {
      bad.push({
        kind: 'parse-error',
        text: `'${shortened(content)}' is neither NAME = VALUE nor [section]`,
        file,
        line,
        section,
      });
      continue;
    }
    if (options.has(name))
      fail('duplicate-option', `option '${name}' stands twice`, { file, line, section, option: name });
    options.add(name);
    if (name === '') {
      bad.push({ kind: 'parse-error', text: 'a value without a name', file, line, section });
      current = undefined;
      continue;
    }
    current = { kind: 'option', name, line, parts: [strip(content.slice(delimiter + 1))] };
    lines.push(current);
  }

  const [first, ...others] = bad;
  if (first !== undefined) throw new PipelineError([first, ...others]);
  return lines;
}

/** A line may hold a password by mistake: show its first word, which is enough to find it. */
function shortened(content: string): string {
  const [first = ''] = words(content);
  return first === content && content.length <= 16 ? content : `${first.slice(0, 16)} …`;
}

/** The logical lines in the notation that `ini` reads without loss: `NAME[] = "JSON string"`, plain ASCII. */
function normalised(lines: readonly LogicalLine[]): string {
  return lines
    .map((logical) => {
      if (logical.kind === 'section') return `[${token(logical.name)}]`;
      return `${token(logical.name)}[] = ${ascii(JSON.stringify(stripEnd(logical.parts.join('\n'))))}`;
    })
    .join('\n');
}

/**
 * A name that means nothing to `ini`: it would nest sections at dots, end them at `]`, drop `__proto__` and unquote.
 * Reversible, since the escape itself is escaped.
 */
function token(name: string): string {
  return name.replace(
    /[^A-Za-z0-9:/ -]|^ | $/g,
    (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `ini` matches lines with `.`, which stops at U+2028: such characters go as JSON escapes. */
function ascii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
