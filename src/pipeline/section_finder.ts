import { type ObjectType, sectionPrefixes } from './context.js';
import { fail, type Site } from './errors.js';
import type { IniFile, IniSection } from './ini.js';
import { nearest } from './suggest.js';
import { strip } from './text.js';

/**
 * The section of a file that defines the object of that type and name.
 *
 * @param name null also finds a section that is the bare prefix, such as `[app]`
 * @throws PipelineError no-section, with what the name is instead if it is anything; ambiguous-section
 */
export function findSection(
  file: IniFile,
  objectType: ObjectType,
  name: string | null,
  site: Site,
): IniSection {
  const found = sectionPrefixes[objectType].flatMap((prefixes) => {
    for (const prefix of prefixes) {
      const sections = withPrefix(file, prefix, name);
      if (sections.length > 0) return sections;
    }
    return [];
  });
  const [section] = found;
  if (section === undefined) failNoSection(file, objectType, name ?? 'main', site);
  if (found.length > 1) {
    const places = found.map((each) => `[${each.name}] (line ${each.line})`).join(' and ');
    fail('ambiguous-section', `'${name ?? 'main'}' is both ${places}`, placeIn(file, site), {
      name: name ?? 'main',
    });
  }
  return section;
}

function withPrefix(file: IniFile, prefix: string, name: string | null): IniSection[] {
  const bare = name === null ? file.sections.get(prefix) : undefined;
  const named = [...file.sections.values()].filter((section) => nameOf(section, prefix) === (name ?? 'main'));
  return bare === undefined ? named : [bare, ...named];
}

/** The name of a section `PREFIX:NAME`, undefined when it has another prefix. */
function nameOf(section: IniSection, prefix: string): string | undefined {
  return section.name.startsWith(`${prefix}:`) ? strip(section.name.slice(prefix.length + 1)) : undefined;
}

function namesOf(file: IniFile, objectType: ObjectType): string[] {
  const prefixes = sectionPrefixes[objectType].flat();
  return [...file.sections.values()].flatMap((section) => {
    const name = prefixes.map((prefix) => nameOf(section, prefix)).find((each) => each !== undefined);
    return name === undefined ? [] : [name];
  });
}

function failNoSection(file: IniFile, objectType: ObjectType, name: string, site: Site): never {
  const place = placeIn(file, site);
  const otherType = (['app', 'filter', 'server'] as const).find(
    (type) => type !== objectType && namesOf(file, type).includes(name),
  );
  if (otherType !== undefined) {
    const rule =
      site.option !== 'pipeline'
        ? `but ${article(objectType)} is due here`
        : objectType === 'app'
          ? 'and a pipeline must end in an app'
          : 'and only the last item of a pipeline is an app';
    fail('no-section', `'${name}' is ${article(otherType)}, ${rule}`, place, {
      name,
      nearest: nearest(name, namesOf(file, objectType)),
    });
  }
  fail('no-section', `there is no ${objectType} '${name}' in ${file.file}`, place, {
    name,
    nearest: nearest(name, namesOf(file, objectType)),
  });
}

function article(objectType: ObjectType): string {
  return objectType === 'app' ? 'an app' : `a ${objectType}`;
}

/** A name that a program asked for has no place; the file is the best that can be said. */
function placeIn(file: IniFile, site: Site): Site {
  return site.file === undefined ? { ...site, file: file.file } : site;
}
