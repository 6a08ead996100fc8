import { relative } from 'node:path';
import type { Branch, Component, Place, SettingView } from './explain.js';
import type { Route } from './route.js';

/** Files are shown relative to this folder where that is shorter; by default as they are. */
export interface RenderOptions {
  readonly folder?: string | undefined;
}

/** Branches as indented text, for a terminal. */
export function renderText(branches: readonly Branch[], options: RenderOptions = {}): string {
  const lines: string[] = [];
  for (const branch of branches) {
    if (lines.length > 0) lines.push('');
    branchText(branch, branch.app.globals, '', '', options, lines);
  }
  return `${lines.join('\n')}\n`;
}

/** Branches as JSON, for programs. */
export function renderJson(branches: readonly Branch[]): string {
  return `${JSON.stringify(branches, null, 2)}\n`;
}

function branchText(
  branch: Branch,
  known: readonly SettingView[],
  label: string,
  indent: string,
  options: RenderOptions,
  lines: string[],
): void {
  const section =
    branch.section === undefined ? '' : `  [${branch.section.name}]  ${shown(branch.section, options)}`;
  lines.push(`${indent}${label === '' ? '' : `${label} → `}${branch.name}${section}`);
  if (indent === '') {
    const given = known.filter((setting) => setting.from !== 'computed');
    for (const setting of given) lines.push(`${indent}  global ${settingText(setting, options)}`);
  }
  const width = Math.max(...[...branch.filters, branch.app].map((component) => component.name.length));
  for (const [index, filter] of branch.filters.entries()) {
    componentText(`${String(index + 1).padStart(2)}. `, filter, width, known, `${indent}  `, options, lines);
  }
  componentText(' => ', branch.app, width, known, `${indent}  `, options, lines);
  for (const part of branch.app.parts ?? [])
    branchText(part.branch, known, part.label, `${indent}      `, options, lines);
}

function componentText(
  mark: string,
  component: Component,
  width: number,
  known: readonly SettingView[],
  indent: string,
  options: RenderOptions,
  lines: string[],
): void {
  const { factory, sections } = component;
  const through = sections.map((section) => shown(section, options)).join(' → ');
  const module = factory.module.startsWith('/') ? shownFile(factory.module, options) : factory.module;
  lines.push(
    `${indent}${mark}${component.name.padEnd(width)}  ${factory.name}  (${module})${through === '' ? '' : `  ${through}`}`,
  );
  const inner = `${indent}${' '.repeat(mark.length + 2)}`;
  if (factory.note !== undefined) lines.push(`${inner}note: ${factory.note}`);
  const partSettings = new Set(component.parts?.map((part) => part.label));
  for (const setting of component.settings) {
    if (!partSettings.has(setting.name)) lines.push(`${inner}${settingText(setting, options)}`);
  }
  for (const setting of component.globals) {
    const outer = known.find((each) => each.name === setting.name);
    if (outer?.value !== setting.value) lines.push(`${inner}global ${settingText(setting, options)}`);
  }
}

function settingText({ name, value, from, via, uses = [] }: SettingView, options: RenderOptions): string {
  const places = [from, ...(via === undefined ? [] : [via]), ...uses].map((place) => shown(place, options));
  return `${name} = ${value.replaceAll('\n', '\\n')}  (${places.join(', ')})`;
}

function shown(place: Place | 'caller' | 'computed', options: RenderOptions): string {
  return typeof place === 'string' ? place : `${shownFile(place.file, options)}:${place.line}`;
}

function shownFile(file: string, { folder }: RenderOptions): string {
  if (folder === undefined) return file;
  const short = relative(folder, file);
  return short === '' || short.length > file.length ? file : short;
}

/** Branches as a Mermaid flowchart (https://mermaid.js.org), for documents. */
export function renderMermaid(branches: readonly Branch[]): string {
  const lines = ['flowchart LR'];
  const quoted = (text: string) =>
    `"${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"`;
  let count = 0;
  const node = (text: string, shape: 'filter' | 'app' | 'composite'): string => {
    const id = `n${count}`;
    count += 1;
    const [open, close] = { filter: ['[', ']'], app: ['([', '])'], composite: ['{{', '}}'] }[shape];
    lines.push(`  ${id}${open}${quoted(text)}${close}`);
    return id;
  };
  /** Draw a branch; returns where it is entered. */
  const draw = (branch: Branch): string => {
    const chain = branch.filters.map((filter) => node(filter.name, 'filter'));
    const end = node(branch.app.name, branch.app.factory.protocol.includes('composit') ? 'composite' : 'app');
    for (const [index, from] of chain.entries()) lines.push(`  ${from} --> ${chain[index + 1] ?? end}`);
    for (const part of branch.app.parts ?? [])
      lines.push(`  ${end} -->|${quoted(part.label)}| ${draw(part.branch)}`);
    return chain[0] ?? end;
  };
  for (const branch of branches) draw(branch);
  return `${lines.join('\n')}\n`;
}

/** The way of a request as indented text. */
export function renderRoute(route: Route): string {
  const lines: string[] = [];
  const write = ({ branch, label, scriptName, path, outcome, next }: Route, indent: string): void => {
    const how = label === undefined ? '' : `${label} → `;
    lines.push(
      `${indent}${how}${branch.name}  (mounted at ${scriptName === '' ? '/' : scriptName}, sees ${path})`,
    );
    if (branch.filters.length > 0)
      lines.push(`${indent}  ${branch.filters.map((filter) => filter.name).join(' → ')}`);
    const ends = {
      app: `answered by ${branch.app.name} (${branch.app.factory.name})`,
      branch: next.length > 1 ? 'tried in turn, until one has an answer:' : undefined,
      'not-found': 'nothing is mounted there: 404',
      unknown: `${branch.app.factory.name} decides when the request is there`,
    };
    const end = ends[outcome];
    if (end !== undefined) lines.push(`${indent}  ${end}`);
    for (const each of next) write(each, `${indent}  `);
  };
  write(route, '');
  return `${lines.join('\n')}\n`;
}
