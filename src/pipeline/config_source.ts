import { resolve } from 'node:path';
import {
  type Conf,
  type Context,
  type ContextSource,
  type FactoryContext,
  type Frame,
  type ObjectType,
  type Protocol,
  protocolGroups,
  type SectionRef,
  type Setting,
  siteOfSetting,
} from './context.js';
import { fail, type Site } from './errors.js';
import type { IniFile, IniSection } from './ini.js';
import { findSection } from './section_finder.js';
import { type Session, stateOf, step } from './session.js';
import { nearest } from './suggest.js';
import { folderOf, strip, words } from './text.js';
import { isUri, type OpenUri } from './uri.js';
import { FileValues, type SectionSettings } from './values.js';

/** A section that is being read: what is left of its settings, and the way to it. */
interface Reading extends SectionSettings {
  readonly section: SectionRef;
  readonly asked: string;
  readonly site: Site;
  readonly ancestry: readonly Frame[];
}

/** The sections of one paste file, with the defaults of one caller. */
export class ConfigSource implements ContextSource {
  readonly #session: Session;
  readonly #file: IniFile;
  /** As it was named: relative names within the file start from its folder. */
  readonly #path: string;
  readonly #values: FileValues;
  readonly #open: OpenUri;

  /**
   * @param path absolute, or relative to the working folder
   * @param globalConf acts as further lines of `[DEFAULT]`, for names that the file does not set there
   * @throws PipelineError when the file cannot be read
   */
  constructor(session: Session, path: string, globalConf: Conf | undefined, open: OpenUri, site: Site) {
    this.#session = session;
    this.#path = strip(path);
    this.#open = open;
    // resolve() would make one slash of the two that a path may begin with.
    const file = this.#path.startsWith('//') ? `/${resolve(this.#path)}` : resolve(this.#path);
    this.#file = session.read(this.#path, file, site);
    this.#values = new FileValues(this.#file, globalConf);
  }

  getContext(
    objectType: ObjectType,
    name: string | null,
    callerConf: Conf | undefined,
    site: Site,
    ancestry: readonly Frame[],
  ): Context {
    if (name !== null && isUri(name)) {
      return this.#open(
        objectType,
        name,
        { globalConf: callerConf, relativeTo: folderOf(this.#path) },
        site,
        ancestry,
      );
    }
    const reading = this.#read(
      findSection(this.#file, objectType, name, site),
      objectType,
      name,
      callerConf,
      site,
      ancestry,
    );
    const { localConf, section } = reading;

    const filterWith = objectType === 'server' ? undefined : take(localConf, 'filter-with');
    const required = take(localConf, 'require');
    for (const distribution of words(required?.value ?? '')) {
      this.#session.resolver.require(distribution, this.#folder, siteOfSetting(section, 'require', required));
    }

    const context = this.#contextOf(objectType, reading);
    if (filterWith === undefined) return context;
    return {
      ...this.#common(objectType, reading),
      type: 'filter-with',
      filter: this.#part(
        'filter',
        filterWith.value,
        reading,
        siteOfSetting(section, 'filter-with', filterWith),
      ),
      next: context,
    };
  }

  get #folder(): string {
    return folderOf(this.#path);
  }

  /** Work out the settings of a section: what is local, what goes into the globals, what is fetched from them. */
  #read(
    found: IniSection,
    objectType: ObjectType,
    name: string | null,
    callerConf: Conf | undefined,
    site: Site,
    ancestry: readonly Frame[],
  ): Reading {
    const section: SectionRef = { file: this.#file.file, line: found.line, name: found.name };
    const defaults = this.#values.defaults();
    const globalConf: Conf = new Map([...defaults, ...(callerConf ?? [])]);
    const state = stateOf(section.file, objectType, section.name, defaults, globalConf);
    const way = step(ancestry, { state, section }, site);
    const settings = this.#values.settings(found, section, defaults, callerConf);
    return { ...settings, section, asked: name ?? 'main', site, ancestry: way };
  }

  #contextOf(objectType: ObjectType, reading: Reading): Context {
    if (reading.section.name.startsWith('filter-app:')) return this.#filterApp(objectType, reading);
    if (reading.section.name.startsWith('pipeline:')) return this.#pipeline(objectType, reading);
    return this.#factory(objectType, reading);
  }

  #factory(objectType: ObjectType, reading: Reading): Context {
    return reading.localConf.has('use')
      ? this.#used(objectType, reading)
      : this.#explicit(objectType, reading);
  }

  /** `use = NAME`: that object, with the settings of this section on top of its own. */
  #used(objectType: ObjectType, reading: Reading): Context {
    const { section, globalConf, additions, localConf } = reading;
    const use = take(localConf, 'use');
    const context = this.#part(objectType, use?.value ?? '', reading, siteOfSetting(section, 'use', use));
    if (context.type === 'broken') return context;

    for (const [name, setting] of additions) context.globalConf.set(name, setting);
    for (const [name, setting] of localConf) context.localConf.set(name, setting);
    const file = globalConf.get('__file__');
    if (file !== undefined) context.globalConf.set('__file__', file);
    context.source = this;
    context.asked = reading.asked;
    context.site = reading.site;
    context.trail.unshift(section);
    if (context.type === 'factory') context.protocol ??= sectionProtocol(section.name);
    return context;
  }

  /** `paste.*_factory = MODULE:ATTRIBUTE`. */
  #explicit(objectType: ObjectType, reading: Reading): FactoryContext {
    const { section, localConf } = reading;
    const given = protocolGroups[objectType].flatMap((group) => {
      const protocol = group.find((candidate) => localConf.has(candidate));
      return protocol === undefined ? [] : [protocol];
    });
    const [protocol] = given;
    const place: Site = { file: section.file, line: section.line, section: section.name };
    if (protocol === undefined) {
      const wanted = protocolGroups[objectType].flat();
      const [slip, meant] = slipOf(localConf.keys(), ['use', ...wanted]);
      fail('no-loader', `the section says neither use = … nor ${wanted.join(' = … nor ')} = …`, place, {
        name: slip ?? section.name,
        nearest: meant,
      });
    }
    if (given.length > 1)
      fail('multiple-protocols', `the section says ${given.join(' and ')} at once`, place, {
        name: given.join(' '),
      });

    const spec = take(localConf, protocol);
    const named = siteOfSetting(section, protocol, spec);
    return {
      ...this.#common(objectType, reading),
      type: 'factory',
      protocol,
      named,
      reference: this.#session.resolver.object(spec?.value ?? '', this.#folder, named),
    };
  }

  #filterApp(objectType: ObjectType, reading: Reading): Context {
    const { section, localConf } = reading;
    const next = take(localConf, 'next');
    if (next === undefined) {
      fail(
        'filter-app-without-next',
        'the section does not say which app is next = …',
        { file: section.file, line: section.line, section: section.name },
        { name: section.name },
      );
    }
    return {
      ...this.#common(objectType, reading),
      type: 'filter-app',
      next: this.#part('app', next.value, reading, siteOfSetting(section, 'next', next)),
      filter: this.#session.attempt(
        () => this.#factory('filter', reading),
        () => this.#broken('filter', reading.asked, reading),
      ),
    };
  }

  #pipeline(objectType: ObjectType, reading: Reading): Context {
    const { section, localConf } = reading;
    const place: Site = { file: section.file, line: section.line, section: section.name };
    const pipeline = take(localConf, 'pipeline');
    if (pipeline === undefined) {
      const [slip, meant] = slipOf(localConf.keys(), ['pipeline']);
      fail('pipeline-without-items', 'the section has no pipeline = …', place, {
        name: slip ?? section.name,
        nearest: meant,
      });
    }
    const [extra] = localConf;
    if (extra !== undefined) {
      fail(
        'pipeline-extra-settings',
        `a pipeline takes no settings, but here is '${[...localConf.keys()].join("', '")}'`,
        siteOfSetting(section, ...extra),
        { name: extra[0] },
      );
    }
    const site = siteOfSetting(section, 'pipeline', pipeline);
    const names = words(pipeline.value);
    const last = names.pop();
    if (last === undefined)
      fail('empty-pipeline', 'the pipeline is empty: it must end in an app', site, { name: section.name });
    return {
      ...this.#common(objectType, reading),
      type: 'pipeline',
      app: this.#part('app', last, reading, site),
      filters: names.map((name) => this.#part('filter', name, reading, site)),
    };
  }

  /** Something that a section names. What cannot be found is reported, and the rest is looked at nevertheless. */
  #part(objectType: ObjectType, name: string, reading: Reading, site: Site): Context {
    return this.#session.attempt(
      () => this.getContext(objectType, name, reading.globalConf, site, reading.ancestry),
      () => this.#broken(objectType, name, reading),
    );
  }

  #broken(objectType: ObjectType, asked: string, reading: Reading): Context {
    return { ...this.#common(objectType, reading), type: 'broken', asked };
  }

  #common(objectType: ObjectType, reading: Reading) {
    const { asked, site, globalConf, localConf, section, ancestry } = reading;
    return {
      objectType,
      asked,
      site,
      globalConf,
      localConf,
      ancestry,
      source: this as ContextSource,
      trail: [section],
    };
  }
}

/** The first name that is a slip of the pen for a wanted one, and the wanted one. */
function slipOf(names: Iterable<string>, wanted: readonly string[]): [slip: string, meant: string] | [] {
  for (const name of names) {
    const meant = nearest(name, wanted, Math.max(1, Math.floor(name.length / 4)));
    if (meant !== undefined) return [name, meant];
  }
  return [];
}

function take(conf: Conf, name: string): Setting | undefined {
  const setting = conf.get(name);
  conf.delete(name);
  return setting;
}

/** What a `call:` makes is said by the section that uses it. */
function sectionProtocol(section: string): Protocol | undefined {
  const prefix = section.split(':', 1)[0] ?? '';
  switch (prefix) {
    case 'app':
    case 'application':
      return 'paste.app_factory';
    case 'composite':
    case 'composit':
      return 'paste.composit_factory';
    case 'filter':
      return 'paste.filter_factory';
    case 'server':
      return 'paste.server_factory';
    default:
      return undefined;
  }
}
