/**
 * One configuration file: its text in the grammar of oslo.config, read into sections of options whose values keep
 * the line that they stand on.
 *
 * The grammar works on whole lines. A line that begins with a blank continues the value of the line before; a blank
 * line, a comment (`#` or `;` in the first column) or a section ends the value. `=` or `:`, whichever is first, parts
 * the name from the value, and one pair of equal quotes around the first line of a value is removed. Nothing else is
 * special: `#`, `;`, `%` and `"` inside a value belong to it.
 *
 * The `ini` package has another grammar, which drops what it takes for comments and changes values. So the lines are
 * brought here into a form that it reads without loss, and turned back afterwards.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'ini';
import { ConfigError } from './errors.js';
import { strip, stripEnd, stripStart } from './text.js';

/** One value as it stands in a file; a continued one holds its lines joined by line feeds. `line` is its first. */
export interface FileValue {
  readonly text: string;
  readonly line: number;
}

/** Section name, normalised, to option name to its values in the order of the file. */
export type FileSections = ReadonlyMap<string, ReadonlyMap<string, readonly FileValue[]>>;

export interface ConfigFile {
  readonly path: string;
  readonly sections: FileSections;
  /** The line on which each section first begins. */
  readonly sectionLines: ReadonlyMap<string, number>;
}

interface Assignment {
  readonly section: string;
  readonly name: string;
  readonly lines: string[];
  readonly line: number;
}

interface Lines {
  readonly assignments: readonly Assignment[];
  readonly sectionLines: ReadonlyMap<string, number>;
}

/** Sections are compared in lower case, save for DEFAULT, which is known by exactly this name. */
export function normalizeSection(name: string): string {
  return name === 'DEFAULT' ? name : name.toLowerCase();
}

function splitAssignment(line: string): [name: string, value: string] | null {
  const at = line.search(/[:=]/);
  if (at < 0) {
    return null;
  }
  const value = strip(line.slice(at + 1));
  const quote = value.charAt(0);
  const isQuoted = (quote === '"' || quote === "'") && value.endsWith(quote);
  return [strip(line.slice(0, at)), isQuoted ? value.slice(1, -1) : value];
}

/** The logical lines of a text. Throws at the first line that the grammar does not know. */
function readLines(text: string, path: string): Lines {
  const assignments: Assignment[] = [];
  const sectionLines = new Map<string, number>();
  let section: string | null = null;
  let current: Assignment | null = null;
  let number = 0;
  const fail = (why: string): never => {
    throw new ConfigError('syntax', `${path}:${number}: ${why}`, { file: path, line: number });
  };
  for (const physical of text.split(/\r\n|\r|\n/)) {
    number += 1;
    const line = stripEnd(physical);
    if (line === '') {
      current = null;
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current === null) {
        fail('the line begins with a blank, but there is no value that it could continue');
      } else {
        current.lines.push(stripStart(line));
      }
    } else if (line.startsWith('[')) {
      current = null;
      if (!line.endsWith(']')) {
        fail('a section must end with "]", and nothing may follow it');
      }
      if (line.length <= 2) {
        fail('the section has no name');
      }
      section = normalizeSection(line.slice(1, -1));
      if (!sectionLines.has(section)) {
        sectionLines.set(section, number);
      }
    } else if (line.startsWith('#') || line.startsWith(';')) {
      current = null;
    } else {
      const parts = splitAssignment(line);
      if (parts === null) {
        if (line.startsWith('\ufeff')) {
          return fail('the file begins with a byte order mark; save it as UTF-8 without one');
        }
        // The line itself is not shown: it may be the second half of a secret.
        return fail('neither a section nor a comment, and no "=" or ":" parts a name from a value');
      }
      const [name, value] = parts;
      if (name === '') {
        fail('no option name stands before the "=" or ":"');
      }
      if (section === null) {
        return fail(`option "${name}" stands before the first section`);
      }
      current = { section, name, lines: [value], line: number };
      assignments.push(current);
    }
  }
  return { assignments, sectionLines };
}

/** A name that `ini` neither splits at dots, nor cuts at comment signs, nor takes for a prototype. */
function encodeName(name: string): string {
  return `n${encodeURIComponent(name).replaceAll('.', '%2E')}`;
}

function decodeName(name: string): string {
  return decodeURIComponent(name.slice(1));
}

/** JSON leaves them as they are, and `ini` would take them for the end of the line. */
const LINE_SEPARATORS = /[\u2028\u2029]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}

/** The assignments in the form that `ini` reads without loss: every name repeatable, every value a JSON string. */
function normalizedText({ assignments, sectionLines }: Lines): string {
  const lines: string[] = [...sectionLines.keys()].map((name) => `[${encodeName(name)}]`);
  let section: string | null = null;
  for (const { section: own, name, lines: value, line } of assignments) {
    if (own !== section) {
      section = own;
      lines.push(`[${encodeName(own)}]`);
    }
    // The line number in front also keeps a value such as "true" from being taken for anything but text.
    const packed = JSON.stringify(`${line}:${value.join('\n')}`);
    lines.push(`${encodeName(name)}[]=${packed.replaceAll(LINE_SEPARATORS, escapeCharacter)}`);
  }
  return lines.join('\n');
}

function decodeValue(packed: unknown): FileValue {
  const text = String(packed);
  const at = text.indexOf(':');
  return { line: Number(text.slice(0, at)), text: text.slice(at + 1) };
}

/**
 * Read the text of a configuration file.
 *
 * @param path stands in messages
 * @throws ConfigError `syntax`, with file and line
 */
export function parseConfigText(text: string, path: string): ConfigFile {
  const lines = readLines(text, path);
  const sections = new Map<string, Map<string, FileValue[]>>();
  for (const [section, options] of Object.entries(parse(normalizedText(lines)))) {
    const values = new Map<string, FileValue[]>();
    for (const [name, packed] of Object.entries(options as Record<string, unknown[]>)) {
      values.set(decodeName(name), packed.map(decodeValue));
    }
    sections.set(decodeName(section), values);
  }
  return { path, sections, sectionLines: lines.sectionLines };
}

function readFailure(path: string, error: unknown): ConfigError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ConfigError('not_found', `configuration file ${path} does not exist`, { file: path });
  }
  const why = code === 'EACCES' ? 'permission denied' : code === 'EISDIR' ? 'it is a folder' : code;
  return new ConfigError('unreadable', `configuration file ${path} cannot be read: ${why}`, { file: path });
}

/**
 * Read a configuration file, which must be UTF-8.
 *
 * @throws ConfigError `not_found`, `unreadable` or `syntax`
 */
export function readConfigFile(path: string): ConfigFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw readFailure(path, error);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError('unreadable', `configuration file ${path} is not UTF-8 text`, { file: path });
  }
  return parseConfigText(text, path);
}
