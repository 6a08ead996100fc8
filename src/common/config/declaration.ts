/**
 * How an option is declared: plain constant data, from which the parser of values, the sample file, the checks
 * and the TypeScript type of the loaded configuration are all derived.
 */

/** What a value may become once its text has been read. */
export type ConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue };

/** A type that a whole option, or one item of a list, dict or repeated option, can have. */
export type ScalarKind =
  | 'str'
  | 'bool'
  | 'int'
  | 'float'
  | 'port'
  | 'uri'
  | 'ip'
  | 'hostname'
  | 'host_address'
  | 'host_domain';

export type OptionKind = ScalarKind | 'list' | 'dict' | 'multi';

/** What a value must satisfy; which of the fields mean something depends on the kind. */
export interface ValueRules {
  /** Allowed values: of a `str`, or of a `port`. */
  readonly choices?: readonly (string | number)[];
  /** `str`: letter case is ignored when `choices` or `regex` are compared; the value keeps its own case. */
  readonly ignoreCase?: boolean;
  /** `str`: searched for (not anchored) in the value. */
  readonly regex?: string;
  /** `str`: surrounding quotes are removed, an unpaired one is an error. */
  readonly quotes?: boolean;
  /** `str`, `uri`: in code points. */
  readonly maxLength?: number;
  /** Numbers: the bounds belong to the allowed range. */
  readonly min?: number;
  readonly max?: number;
  /** `list`: the value stands in `[ ]`; `dict`: in `{ }`. */
  readonly bounds?: boolean;
  /** `ip`, `host_address`, `host_domain`: only this version of IP. */
  readonly version?: 4 | 6;
  /** `uri`: the allowed schemes. */
  readonly schemes?: readonly string[];
}

export interface ItemDeclaration extends ValueRules {
  readonly type: ScalarKind;
}

/** A former place of an option. Without a group it is the option's own group, without a name its own name. */
export interface FormerName {
  readonly group?: string;
  readonly name?: string;
}

export interface OptionDeclaration extends ValueRules {
  readonly type: OptionKind;
  /** `null`: not set. Text may hold `$name` references and is then converted like text of a file. */
  readonly default: ConfigValue;
  readonly help: string;
  /** `list`, `dict`, `multi`: what each item (each value of a dict) is; text when absent. */
  readonly item?: ItemDeclaration;
  readonly formerNames?: readonly FormerName[];
  /** Names that later releases gave to the same setting in the same group; accepted without a note. */
  readonly laterNames?: readonly string[];
  /** Why the option will go away. */
  readonly deprecatedForRemoval?: string;
  /** Why setting the option changes nothing here. */
  readonly inert?: string;
  /** The value is never shown. */
  readonly secret?: boolean;
  /** May change while the service runs. */
  readonly mutable?: boolean;
  /** A value must be given. */
  readonly required?: boolean;
}

/** One section of the file. */
export interface SectionDeclaration {
  readonly help: string;
  readonly options: { readonly [name: string]: OptionDeclaration };
}

type Scalar<D> = D extends { readonly type: 'bool' }
  ? boolean
  : D extends { readonly type: 'int' | 'float' | 'port' }
    ? number
    : D extends { readonly choices: readonly (infer C)[]; readonly ignoreCase?: false }
      ? C
      : string;

type Item<D> = D extends { readonly item: infer I } ? Scalar<I> : string;

type Value<D> = D extends { readonly type: 'list' | 'multi' }
  ? readonly Item<D>[]
  : D extends { readonly type: 'dict' }
    ? { readonly [key: string]: Item<D> }
    : Scalar<D>;

/** The TypeScript type that an option's value has: null belongs to it exactly when null is the default. */
export type OptionValue<D> = D extends { readonly default: null } ? Value<D> | null : Value<D>;

/** The values of all sections, as declared. */
export type SectionValues<S> = {
  readonly [G in keyof S]: S[G] extends { readonly options: infer O }
    ? { readonly [N in keyof O]: OptionValue<O[N]> }
    : never;
};
