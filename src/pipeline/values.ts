import {
  type Conf,
  type Origin,
  type SectionRef,
  type Setting,
  type Source,
  siteOfSetting,
} from './context.js';
import { fail, type Site } from './errors.js';
import type { IniFile, IniSection } from './ini.js';
import { InterpolationError, interpolate } from './interpolate.js';
import { nearest } from './suggest.js';
import { folderOf, strip } from './text.js';

/** The text of an option before `%(name)s` is replaced. */
interface RawValue {
  readonly text: string;
  readonly origin: Origin;
}

/** What the settings of a section come to. */
export interface SectionSettings {
  /** `[DEFAULT]` with the caller's globals and what the section sets. */
  readonly globalConf: Conf;
  /** What the section adds to the globals by `set`. */
  readonly additions: Conf;
  /** The rest, with what is fetched by `get`. */
  readonly localConf: Conf;
}

/** The values of a file, as they are with the globals of one caller. */
export class FileValues {
  readonly #file: IniFile;
  readonly #raw: ReadonlyMap<string, RawValue>;

  /** @param callerConf acts as further lines of `[DEFAULT]`, for names that the file does not set there */
  constructor(file: IniFile, callerConf: Conf | undefined) {
    this.#file = file;
    const raw = new Map<string, RawValue>([
      // Nobody wrote these: a percent sign in them is one, and no reference.
      ['here', { text: folderOf(file.file).replaceAll('%', '%%'), origin: { note: 'computed' } }],
      ['__file__', { text: file.file.replaceAll('%', '%%'), origin: { note: 'computed' } }],
    ]);
    for (const [name, value] of file.defaults) {
      raw.set(name, { text: value.text, origin: { file: file.file, line: value.line } });
    }
    for (const [name, setting] of callerConf ?? []) {
      if (!raw.has(name)) raw.set(name, { text: setting.value, origin: setting.origin });
    }
    this.#raw = raw;
  }

  /**
   * `[DEFAULT]`, `here`, `__file__` and the caller's globals, interpolated among themselves.
   *
   * @throws PipelineError
   */
  defaults(): Conf {
    return new Map(
      Array.from(this.#raw, ([name, raw]) => {
        const setting = this.#value(name);
        // A value that comes out empty counts as not interpolated at all, as in PasteDeploy.
        return [name, setting.value === '' ? { ...setting, value: raw.text } : setting];
      }),
    );
  }

  /**
   * The settings of a section: an option of `[DEFAULT]` is a global wherever else it is set.
   *
   * @param defaults those of this object
   * @param callerConf wins over them
   * @throws PipelineError
   */
  settings(
    found: IniSection,
    section: SectionRef,
    defaults: Conf,
    callerConf: Conf | undefined,
  ): SectionSettings {
    const globalConf: Conf = new Map([...defaults, ...(callerConf ?? [])]);
    const additions: Conf = new Map();
    const localConf: Conf = new Map();
    const fetched: [name: string, from: Setting][] = [];
    for (const option of new Set([...found.options.keys(), ...this.#raw.keys()])) {
      if (option.startsWith('set ')) {
        const setting = this.#value(option, found);
        additions.set(strip(option.slice(4)), setting);
        globalConf.set(strip(option.slice(4)), setting);
      } else if (option.startsWith('get ')) {
        fetched.push([strip(option.slice(4)), this.#value(option, found)]);
      } else if (!defaults.has(option)) {
        localConf.set(option, this.#value(option, found));
      }
    }
    // After every set, wherever in the section that stands.
    for (const [local, from] of fetched) {
      const setting = globalConf.get(from.value);
      if (setting === undefined) {
        const site = siteOfSetting(section, `get ${local}`, from);
        fail('missing-global', `'${from.value}' is not set in [DEFAULT], nor by any set`, site, {
          name: from.value,
          nearest: nearest(from.value, globalConf.keys()),
        });
      }
      localConf.set(local, { ...setting, via: { name: from.value, origin: from.origin } });
    }
    return { globalConf, additions, localConf };
  }

  /** The value of an option as it is seen from a section, or from `[DEFAULT]`. */
  #value(option: string, section?: IniSection): Setting {
    const lookup = (name: string): RawValue | undefined => {
      const own = section?.options.get(name);
      return own === undefined
        ? this.#raw.get(name)
        : { text: own.text, origin: { file: this.#file.file, line: own.line } };
    };
    const raw = lookup(option) ?? { text: '', origin: {} };
    const uses: Source[] = [];
    try {
      const value = interpolate(
        raw.text,
        (name) => lookup(name)?.text,
        (name) => uses.push({ name, origin: lookup(name)?.origin ?? {} }),
      );
      return { value, origin: raw.origin, ...(uses.length > 0 ? { uses } : {}) };
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      const site: Site = {
        file: raw.origin.file ?? this.#file.file,
        line: raw.origin.line,
        section: section?.options.has(option) === true ? section.name : 'DEFAULT',
        option,
      };
      const known = new Set([...(section?.options.keys() ?? []), ...this.#raw.keys()]);
      return fail(error.kind, error.message, site, {
        name: error.missing ?? option,
        nearest: error.missing === undefined ? undefined : nearest(error.missing, known),
      });
    }
  }
}
