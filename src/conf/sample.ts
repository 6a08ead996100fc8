/** The sample file: every option with what it means, what it may be and its default, commented out. */
import type {
  ConfigValue,
  OptionDeclaration,
  OptionKind,
  SectionDeclaration,
} from '../common/config/declaration.js';
import { allowedText } from '../common/config/values.js';
import { SECTIONS } from './sections/index.js';

const WIDTH = 79;

const KINDS: { readonly [K in OptionKind]: string } = {
  str: 'text',
  bool: 'true or false',
  int: 'whole number',
  float: 'number',
  port: 'port number',
  uri: 'URI',
  ip: 'IP address',
  hostname: 'host name',
  host_address: 'IP address or host name',
  host_domain: 'IP address or host name',
  list: 'list with commas',
  dict: 'list of NAME:VALUE with commas',
  multi: 'text, repeatable',
};

/** Text as comment lines, broken at blanks. */
function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line !== '#') {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function scalarText(value: ConfigValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Blanks at the ends of a value only survive within quotes.
  return text.trim() === text ? text : `"${text}"`;
}

/** A default in the words of the file, one entry for each line that it takes. */
function defaultTexts({ type, default: value }: OptionDeclaration): string[] {
  if (value === null) {
    return ['<None>'];
  }
  if (Array.isArray(value)) {
    const items = value.map(scalarText);
    return type === 'multi' && items.length > 0 ? items : [items.join(',')];
  }
  if (typeof value === 'object') {
    return [
      Object.entries(value)
        .map(([key, item]) => `${key}:${scalarText(item)}`)
        .join(','),
    ];
  }
  return [scalarText(value)];
}

function optionLines(section: string, name: string, declaration: OptionDeclaration): string[] {
  const { help, type, formerNames = [], laterNames = [], deprecatedForRemoval, inert } = declaration;
  const allowed = allowedText(declaration);
  const former = formerNames.map((place) => `[${place.group ?? section}] ${place.name ?? name}`);
  return [
    '',
    ...comment(`${help} (${KINDS[type]}${allowed === '' ? '' : `: ${allowed}`})`),
    ...(former.length > 0 ? comment(`Formerly ${former.join(', ')}.`) : []),
    ...(laterNames.length > 0 ? comment(`In later releases ${laterNames.join(', ')}.`) : []),
    ...(deprecatedForRemoval === undefined ? [] : comment(`Deprecated: ${deprecatedForRemoval}.`)),
    ...(inert === undefined ? [] : comment(`Accepted, but without effect here: ${inert}.`)),
    ...defaultTexts(declaration).map((text) => `#${name} = ${text}`.trimEnd()),
  ];
}

function sectionLines(name: string, { help, options }: SectionDeclaration): string[] {
  const names = Object.keys(options).sort();
  return [
    '',
    `[${name}]`,
    ...comment(help),
    ...names.flatMap((option) => optionLines(name, option, options[option] as OptionDeclaration)),
  ];
}

const INTRODUCTION = [
  'Configuration of keystone-koa. Every option stands here with its default; what is not set has it.',
  '<None> means that an option is not set. $name or ${section.name} in a value stands for the value of another option,',
  '$$ for a dollar sign. A line that begins with a blank continues the value before it. Comments have lines of their own.',
  'Made from the declarations in src/conf by scripts/generate_sample.ts.',
].join(' ');

/** The text of etc/keystone.conf.sample. */
export function sampleText(): string {
  const sections = Object.entries(SECTIONS) as [string, SectionDeclaration][];
  const lines = [
    ...comment(INTRODUCTION),
    ...sections.flatMap(([name, section]) => sectionLines(name, section)),
  ];
  return `${lines.join('\n')}\n`;
}
