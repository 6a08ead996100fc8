import type { Conf, Setting } from './context.js';
import { asbool, asint, aslist, ConversionError } from './converters.js';
import type { ErrorKind } from './errors.js';
import { shownValue } from './secrets.js';
import { nearest } from './suggest.js';
import { strip } from './text.js';

interface CommonSpec {
  /** A line for people. */
  readonly help?: string;
  /** The section must set it. */
  readonly required?: boolean;
  /** Its value is never shown. */
  readonly secret?: boolean;
}

/** An option of a filter or an app. */
export type OptionSpec =
  | (CommonSpec & { readonly type: 'str'; readonly default?: string; readonly choices?: readonly string[] })
  | (CommonSpec & { readonly type: 'bool'; readonly default?: boolean })
  | (CommonSpec & {
      readonly type: 'int' | 'float';
      readonly default?: number;
      readonly min?: number;
      readonly max?: number;
    })
  | (CommonSpec & {
      readonly type: 'list';
      readonly default?: readonly string[];
      /** Blanks, unless given. */
      readonly separator?: string;
    });

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The value of an option as it reaches the factory. */
export type OptionValue = string | number | boolean | readonly string[];

interface ValueTypes {
  str: string;
  bool: boolean;
  int: number;
  float: number;
  list: readonly string[];
}

/** The values that a factory with these options gets; undefined for one that has no default and need not be set. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends
    | { readonly default: OptionValue }
    | { readonly required: true }
    ? ValueTypes[Specs[Name]['type']]
    : ValueTypes[Specs[Name]['type']] | undefined;
};

/** A setting that is no valid option. The text does not hold the value of a secret. */
export interface OptionProblem {
  readonly kind: ErrorKind;
  readonly option: string;
  readonly setting: Setting | undefined;
  readonly text: string;
  readonly nearest?: string | undefined;
}

/**
 * Check the settings of a section against the options of its factory.
 *
 * @returns the values to call the factory with, and everything that is wrong
 */
export function readOptions(
  specs: OptionSpecs,
  localConf: Conf,
): {
  readonly values: Readonly<Record<string, OptionValue | undefined>>;
  readonly problems: readonly OptionProblem[];
} {
  const problems: OptionProblem[] = [];
  for (const [option, setting] of localConf) {
    if (Object.hasOwn(specs, option)) continue;
    const near = nearest(option, Object.keys(specs)) ?? (Object.keys(specs).join(', ') || undefined);
    problems.push({
      kind: 'unknown-option',
      option,
      setting,
      text: `there is no option '${option}'`,
      nearest: near,
    });
  }
  const values = Object.entries(specs).map(([option, spec]): [string, OptionValue | undefined] => {
    const setting = localConf.get(option);
    if (setting === undefined) {
      if (spec.required === true)
        problems.push({
          kind: 'missing-option',
          option,
          setting,
          text: `the option '${option}' must be set`,
        });
      return [option, spec.default];
    }
    try {
      return [option, converted(spec, setting.value)];
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      const shown = shownValue(option, setting, spec.secret);
      problems.push({ kind: 'bad-option', option, setting, text: `'${shown}' is ${error.message}` });
      return [option, undefined];
    }
  });
  return { values: Object.fromEntries(values), problems };
}

function converted(spec: OptionSpec, text: string): OptionValue {
  switch (spec.type) {
    case 'bool':
      return asbool(text);
    case 'list':
      return aslist(text, spec.separator)
        .map(String)
        .filter((item) => item !== '');
    case 'int':
      return bounded(spec, asint(text));
    case 'float':
      return bounded(spec, asfloat(text));
    default:
      if (spec.choices !== undefined && !spec.choices.includes(text)) {
        throw new ConversionError(`not one of ${spec.choices.join(', ')}`);
      }
      return text;
  }
}

function asfloat(text: string): number {
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(strip(text))
    ? Number(strip(text))
    : Number.NaN;
  if (!Number.isFinite(number)) throw new ConversionError('not a number');
  return number;
}

function bounded(spec: { readonly min?: number; readonly max?: number }, value: number): number {
  if (spec.min !== undefined && value < spec.min) throw new ConversionError(`less than ${spec.min}`);
  if (spec.max !== undefined && value > spec.max) throw new ConversionError(`more than ${spec.max}`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new ConversionError('too large');
  return value;
}
