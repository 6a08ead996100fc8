/** What is worth telling about a configuration that can be used: former names, options without effect, unknown ones. */
import { placeText } from '../common/config/errors.js';
import type { ConfigFile } from '../common/config/file.js';
import type { OptionRegistry, RegisteredOption } from '../common/config/registry.js';
import {
  type ConfigSources,
  environmentName,
  type Origin,
  type ResolvedOption,
} from '../common/config/resolver.js';
import { nearest } from '../common/config/suggest.js';

function sourceText(origin: Origin, { section, name }: RegisteredOption): string {
  if (typeof origin === 'object') {
    return placeText(origin);
  }
  return origin === 'env' ? `environment variable ${environmentName(section, name)}` : 'command line';
}

function didYouMean(suggestion: string | null): string {
  return suggestion === null ? '' : `; did you mean ${suggestion}?`;
}

/** Notes on one option that somebody set. */
function settingNotes(option: RegisteredOption, { origin, foundAs }: ResolvedOption): string[] {
  const { section, name, declaration } = option;
  if (origin === 'default') {
    return [];
  }
  const notes: string[] = [];
  const where = sourceText(origin, option);
  if (foundAs !== null && declaration.laterNames?.includes(foundAs.name) !== true) {
    const former = `"${foundAs.name}" of section [${foundAs.section}]`;
    notes.push(`${where}: option ${former} is now called "${name}" of section [${section}]`);
  }
  if (declaration.deprecatedForRemoval !== undefined && declaration.inert === undefined) {
    const reason = declaration.deprecatedForRemoval;
    notes.push(`${where}: option "${name}" of section [${section}] is deprecated: ${reason}`);
  }
  return notes;
}

/** One note for all options of a section that are set in vain for the same reason. */
function inertNotes(set: readonly (readonly [RegisteredOption, ResolvedOption])[]): string[] {
  const groups = new Map<string, { where: string; names: string[] }>();
  for (const [option, { origin }] of set) {
    const { inert } = option.declaration;
    if (inert !== undefined) {
      const key = `of section [${option.section}] no effect here: ${inert}`;
      const group = groups.get(key) ?? { where: sourceText(origin, option), names: [] };
      group.names.push(`"${option.name}"`);
      groups.set(key, group);
    }
  }
  return [...groups].map(([key, { where, names }]) => {
    const [ofSection = '', why = ''] = key.split(' no effect here: ');
    const subject =
      names.length === 1
        ? `option ${names[0]} ${ofSection} has`
        : `options ${names.join(', ')} ${ofSection} have`;
    return `${where}: ${subject} no effect here: ${why}`;
  });
}

/** Names that an option may be set under in a section, former ones of other sections included. */
function knownNames(registry: OptionRegistry): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const section of registry.sections()) {
    for (const { names } of registry.options(section)) {
      for (const place of names) {
        known.set(place.section, (known.get(place.section) ?? new Set()).add(place.name));
      }
    }
  }
  return known;
}

function unknownNotes(registry: OptionRegistry, files: readonly ConfigFile[], isFree: IsFree): string[] {
  const known = knownNames(registry);
  const seen = new Set<string>();
  const notes: string[] = [];
  const once = (key: string, note: () => string): void => {
    if (!seen.has(key)) {
      seen.add(key);
      notes.push(note());
    }
  };
  for (const file of files) {
    for (const [section, options] of file.sections) {
      const names = known.get(section);
      const unknown = [...options].filter(([name]) => names?.has(name) !== true && !isFree(section, name));
      if (names === undefined && unknown.length > 0 && unknown.length === options.size) {
        once(section, () => {
          const where = placeText({ file: file.path, line: file.sectionLines.get(section) ?? 0 });
          const suggestion = nearest(section, registry.sections());
          return `${where}: unknown section [${section}] is ignored${didYouMean(suggestion && `[${suggestion}]`)}`;
        });
      } else {
        for (const [name, values] of unknown) {
          once(`${section}\n${name}`, () => {
            const where = placeText({ file: file.path, line: values[0]?.line ?? 0 });
            const suggestion = nearest(name, names ?? []);
            const hint = didYouMean(suggestion && `"${suggestion}"`);
            return `${where}: unknown option "${name}" of section [${section}] is ignored${hint}`;
          });
        }
      }
    }
  }
  return notes;
}

/** Variables that look like ours but set nothing. */
function environmentNotes(registry: OptionRegistry, env: NodeJS.ProcessEnv): string[] {
  const variables = new Map(
    registry
      .sections()
      .map((section) => [
        section,
        registry.options(section).map(({ name }) => environmentName(section, name)),
      ]),
  );
  const known = new Set([...variables.values()].flat());
  return Object.keys(env).flatMap((variable) => {
    const section = registry.sections().find((name) => variable.startsWith(environmentName(name, '')));
    if (section === undefined || known.has(variable)) {
      return [];
    }
    const hint = didYouMean(nearest(variable, variables.get(section) ?? []));
    return [`environment variable ${variable} sets no known option and is ignored${hint}`];
  });
}

/** Whether an undeclared option is one that the operator names. */
export type IsFree = (section: string, name: string) => boolean;

/** What is worth telling; `ignored` is about what is set in vain. */
export interface ConfigurationNotes {
  readonly others: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * All notes on a configuration.
 *
 * @param resolved every declared option with its value
 */
export function configurationNotes(
  registry: OptionRegistry,
  sources: ConfigSources,
  resolved: ReadonlyMap<RegisteredOption, ResolvedOption>,
  isFree: IsFree,
): ConfigurationNotes {
  const set = [...resolved].filter(([, { origin }]) => origin !== 'default');
  return {
    others: set.flatMap(([option, value]) => settingNotes(option, value)),
    ignored: [
      ...inertNotes(set),
      ...unknownNotes(registry, sources.files, isFree),
      ...environmentNotes(registry, sources.env),
    ],
  };
}
