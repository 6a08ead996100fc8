import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { parseArguments } from '../../src/common/config/arguments.js';
import type {
  ConfigValue,
  OptionDeclaration,
  OptionKind,
  ScalarKind,
} from '../../src/common/config/declaration.js';
import { ConfigError } from '../../src/common/config/errors.js';
import type { ConfigFile } from '../../src/common/config/file.js';
import { type ConfigSource, readSources } from '../../src/common/config/locations.js';
import { type OptionName, OptionRegistry, type RegisteredOption } from '../../src/common/config/registry.js';
import { ConfigResolver } from '../../src/common/config/resolver.js';
import { eachCase, type VectorCase, vectorCases } from './support.js';

const FILE = 'oslo_config.json';

interface VectorOption {
  readonly name: string;
  readonly group?: string;
  readonly type: string;
  readonly item_type?: string;
  readonly default?: ConfigValue;
  readonly deprecated_name?: string;
  readonly deprecated_group?: string;
  readonly deprecated_opts?: readonly { readonly name?: string; readonly group?: string }[];
  readonly cli?: boolean;
  readonly choices?: readonly (string | number)[];
  readonly ignore_case?: boolean;
  readonly max_length?: number;
  readonly required?: boolean;
  readonly [rule: string]: unknown;
}

interface Failure {
  readonly error: string;
}

interface ConfigCase extends VectorCase {
  readonly files: readonly { readonly name: string; readonly text: string; readonly in_dir?: boolean }[];
  readonly dirs?: readonly string[];
  readonly argv?: readonly string[];
  readonly opts: readonly VectorOption[];
  readonly check_required?: boolean;
  readonly expected: {
    readonly values?: { readonly [key: string]: ConfigValue };
    readonly load_error?: Failure;
  };
}

const REPEATED: { readonly [type: string]: ScalarKind } = { multistr: 'str', multiint: 'int' };
const PLAIN_RULES = ['choices', 'regex', 'min', 'max', 'bounds', 'quotes', 'version', 'schemes'];

/** The option of a case as a declaration of ours. */
function declarationOf(option: VectorOption): OptionDeclaration {
  const repeated = REPEATED[option.type];
  const former =
    option.deprecated_opts?.map(({ name, group }) => ({ ...(name && { name }), ...(group && { group }) })) ??
    [];
  if (option.deprecated_name !== undefined || option.deprecated_group !== undefined) {
    const { deprecated_name: name, deprecated_group: group } = option;
    former.push({ ...(name && { name }), ...(group && { group }) });
  }
  const isQuoted = option.item_type === 'qstr';
  const item = {
    type: (isQuoted ? 'str' : (repeated ?? option.item_type ?? 'str')) as ScalarKind,
    quotes: isQuoted,
  };
  return {
    ...Object.fromEntries(PLAIN_RULES.filter((rule) => rule in option).map((rule) => [rule, option[rule]])),
    type: (repeated === undefined ? option.type : 'multi') as OptionKind,
    default: option.default ?? null,
    help: '',
    item,
    formerNames: former,
    ...(option.ignore_case !== undefined && { ignoreCase: option.ignore_case }),
    ...(option.max_length !== undefined && { maxLength: option.max_length }),
    ...(option.required !== undefined && { required: option.required }),
  };
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && typeof (value as Failure).error === 'string';
}

/** Which kind of ours an error of the original is. Anything else is an accident inside it: any error will do. */
const PROBLEMS: { readonly [python: string]: ConfigError['problem'] } = {
  ConfigFileParseError: 'syntax',
  ConfigFilesNotFoundError: 'not_found',
  ConfigDirNotFoundError: 'not_found',
  RequiredOptError: 'required',
  DefaultValueError: 'declaration',
  ConfigFileValueError: 'value',
};

function expectFailure(work: () => unknown, failure: Failure): void {
  const problem = PROBLEMS[failure.error];
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    // A wrong argument is noticed before the files are read here, and after it by the original.
    if (problem !== undefined && (error as ConfigError).problem !== 'argument') {
      expect((error as ConfigError).problem).to.equal(problem);
    }
    return;
  }
  expect.fail(`no error, where oslo.config has ${failure.error}`);
}

function holds(file: ConfigFile, { section, name }: OptionName): boolean {
  return file.sections.get(section)?.has(name) === true;
}

class Subject {
  readonly registry = new OptionRegistry();
  readonly vector: ConfigCase;
  readonly folder: string;
  readonly refused = new Map<string, ConfigError>();

  constructor(vector: ConfigCase, folder: string) {
    this.vector = vector;
    this.folder = folder;
    for (const { name, text } of vector.files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  load(): ConfigResolver {
    const { files, dirs = [], argv = [], opts } = this.vector;
    const cli = this.#register(opts.filter((option) => option.cli === true));
    const named = files.filter((file) => file.in_dir !== true);
    const parsed = parseArguments(
      [
        ...named.flatMap(({ name }) => ['--config-file', name]),
        ...dirs.flatMap((name) => ['--config-dir', name]),
        ...argv,
      ],
      cli,
    );
    if (parsed.rest.length > 0) {
      throw new ConfigError('argument', `nobody knows ${parsed.rest[0]}`);
    }
    const inFolder = parsed.sources.map(
      ({ kind, path }): ConfigSource => ({ kind, path: resolve(this.folder, path) }),
    );
    const sources = { files: readSources(inFolder, {}), env: {}, overrides: parsed.overrides };
    const resolver = new ConfigResolver(this.registry, sources);
    // What may be given on the command line is checked at once where it is given, be it in a file.
    for (const option of cli) {
      const isArgument = parsed.overrides[option.section]?.[option.name] !== undefined;
      if (isArgument || option.names.some((place) => sources.files.some((file) => holds(file, place)))) {
        resolver.resolve(option);
      }
    }
    resolver.checkRequired();
    this.#register(opts.filter((option) => option.cli !== true));
    return resolver;
  }

  #register(options: readonly VectorOption[]): RegisteredOption[] {
    return options.flatMap((option) => {
      try {
        return [this.registry.register(option.group ?? 'DEFAULT', option.name, declarationOf(option))];
      } catch (error) {
        expect(error).to.be.instanceOf(ConfigError);
        this.refused.set(option.name, error as ConfigError);
        return [];
      }
    });
  }

  checkRequired(resolver: ConfigResolver): string {
    resolver.checkRequired();
    return 'ok';
  }
}

function check(vector: ConfigCase, folder: string): void {
  const subject = new Subject(vector, folder);
  const { load_error: loadError, values = {} } = vector.expected;
  if (loadError !== undefined) {
    expectFailure(() => subject.load(), loadError);
    return;
  }
  const resolver = subject.load();
  for (const [key, expected] of Object.entries(values)) {
    const read = (): unknown => {
      if (key === 'required') {
        return subject.checkRequired(resolver);
      }
      if (key.startsWith('register:')) {
        const error = subject.refused.get(key.slice('register:'.length));
        if (error !== undefined) {
          throw error;
        }
        return 'registered';
      }
      const { group = 'DEFAULT', name = key } =
        vector.opts.find((each) => `${each.group ?? 'DEFAULT'}.${each.name}` === key) ?? {};
      return resolver.get(group, name.replaceAll('-', '_')).value;
    };
    if (isFailure(expected)) {
      expectFailure(read, expected);
    } else {
      expect(read(), key).to.deep.equal(expected);
    }
  }
  const announced = Object.keys(values).filter((key) => key.startsWith('register:'));
  expect([...subject.refused.keys()].map((name) => `register:${name}`)).to.have.members(announced);
}

describe('the language of configuration files', () => {
  eachCase(FILE, vectorCases<ConfigCase>(FILE), (vector) => {
    const folder = mkdtempSync(join(tmpdir(), 'oslo-config-'));
    try {
      check(vector, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
