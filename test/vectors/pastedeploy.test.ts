import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { appConfig } from '../../src/pipeline/api.js';
import { Builder, type Weaver } from '../../src/pipeline/builder.js';
import { buildCascade, cascade } from '../../src/pipeline/cascade.js';
import type { ObjectType } from '../../src/pipeline/context.js';
import { type ErrorKind, errorKinds, PipelineError } from '../../src/pipeline/errors.js';
import type { LoadOptions } from '../../src/pipeline/load_options.js';
import { emptyRegistry, type FactoryKind, type Registry } from '../../src/pipeline/registry.js';
import type { CompositeLoader, GlobalConf, LocalConf } from '../../src/pipeline/types.js';
import { buildUrlMap, urlmap } from '../../src/pipeline/urlmap.js';
import { validate } from '../../src/pipeline/validate.js';
import { eachCase, type VectorCase, type VectorFile, vectorFile } from './support.js';

const file = 'pastedeploy.json';

interface Call {
  readonly as: string;
  readonly factory: string;
  readonly global: GlobalConf;
  readonly local: LocalConf;
}

interface Outcome {
  readonly calls?: readonly Call[];
  readonly calls_at_load?: number;
  readonly result?: unknown;
  readonly config?: { readonly merged: GlobalConf; readonly global: GlobalConf; readonly local: LocalConf };
  readonly error?: { readonly kind: string; readonly python: string };
}

interface PasteCase extends VectorCase {
  readonly files?: Readonly<Record<string, string>>;
  readonly call: {
    readonly function: 'loadapp' | 'loadfilter' | 'loadserver' | 'appconfig';
    readonly uri: string;
    readonly name?: string;
    readonly global_conf?: Readonly<Record<string, string>>;
    readonly relative_to?: string;
  };
  readonly expected: Outcome;
}

interface PasteFile extends VectorFile<PasteCase> {
  readonly registry: {
    readonly objects: Readonly<Record<string, string>>;
    readonly factory_kinds: Readonly<Record<string, FactoryKind>>;
    readonly eggs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

const vectors = vectorFile<PasteFile>(file);

const kinds: Readonly<Record<string, FactoryKind>> = {
  'paste.app_factory': 'app',
  'paste.composite_factory': 'composite',
  'paste.composit_factory': 'composit',
  'paste.filter_factory': 'filter',
  'paste.filter_app_factory': 'filter_app',
  'paste.server_factory': 'server',
  'paste.server_runner': 'server_runner',
};

/** Objects of the pretend code are plain data that says where it came from. */
const weaver: Weaver<unknown> = {
  app: (made) => made,
  filter: (made) => made as (app: unknown) => unknown,
  expose: (app) => app,
};

type Loader = CompositeLoader<unknown>;

/** Factories that do nothing but record that they were called. */
function pretendFactory(name: string, calls: Call[]): (...args: never[]) => unknown {
  const kind = vectors.registry.factory_kinds[name];
  const record = (as: string, global: GlobalConf, local: LocalConf): number =>
    calls.push({ as, factory: name, global, local }) - 1;
  switch (kind) {
    case 'app':
      return (global: GlobalConf, local: LocalConf) => ({ call: record('app', global, local) });
    case 'filter':
      return (global: GlobalConf, local: LocalConf) => {
        const call = record('filter', global, local);
        return (wraps: unknown) => ({ call, wraps });
      };
    case 'filter_app':
      return (wraps: unknown, global: GlobalConf, local: LocalConf) => ({
        call: record('filter_app', global, local),
        wraps,
      });
    case 'composite':
    case 'composit':
      return async (loader: Loader, global: GlobalConf, local: LocalConf) => {
        const call = record('composite', global, local);
        const mapping: [string, unknown][] = [];
        for (const [key, app] of loader.settings()) {
          mapping.push([key, await (name === 'router' ? loader.getApp(app, global) : loader.getApp(app))]);
        }
        return { call, mapping };
      };
    case 'server':
      return (global: GlobalConf, local: LocalConf) => {
        const call = record('server', global, local);
        return () => ({ call, server: true });
      };
    case 'server_runner':
      return (wraps: unknown, global: GlobalConf, local: LocalConf) => ({
        call: record('server_runner', global, local),
        wraps,
      });
    default:
      throw new Error(`no pretend code of kind '${kind}' for ${name}`);
  }
}

/** The loader's own urlmap and cascade, with the result written down instead of served. */
const realComposites: Readonly<Record<string, unknown>> = {
  'egg:Paste#urlmap': Object.assign(
    async (loader: Loader, global: GlobalConf) => {
      const { map, notFound } = await buildUrlMap(loader, global);
      const rows = map.mounts.map(({ domain, path, app }) => [domain, path, app]);
      return notFound === undefined ? { urlmap: rows } : { not_found: notFound, urlmap: rows };
    },
    { meta: urlmap.meta },
  ),
  'egg:Paste#cascade': Object.assign(
    async (loader: Loader, global: GlobalConf) => {
      const { apps, codes } = await buildCascade(loader, global);
      return { cascade: apps, catch: codes.toSorted((left, right) => left - right) };
    },
    { meta: cascade.meta },
  ),
};

function pretendRegistry(calls: Call[]): Registry {
  const registry = emptyRegistry();
  for (const [spec, name] of Object.entries(vectors.registry.objects)) {
    registry.addObject(spec, 'any', () => pretendFactory(name, calls));
  }
  for (const [egg, protocols] of Object.entries(vectors.registry.eggs)) {
    const [, distribution = '', entry = ''] = /^egg:(.*)#(.*)$/.exec(egg) ?? [];
    for (const [protocol, name] of Object.entries(protocols)) {
      const kind = kinds[protocol];
      if (kind === undefined) throw new Error(`unknown protocol ${protocol}`);
      registry.add(distribution, entry, kind, () => realComposites[egg] ?? pretendFactory(name, calls));
    }
  }
  return registry;
}

async function run(call: PasteCase['call']): Promise<Outcome> {
  const calls: Call[] = [];
  const options: LoadOptions = {
    name: call.name,
    relativeTo: call.relative_to,
    globalConf: call.global_conf,
    registry: pretendRegistry(calls),
  };
  if (call.function === 'appconfig') return { config: appConfig(call.uri, options) };

  const objectType: ObjectType =
    call.function === 'loadapp' ? 'app' : call.function === 'loadfilter' ? 'filter' : 'server';
  const { plan, session } = await validate(objectType, call.uri, options);
  const builder = new Builder(session, weaver);
  if (objectType === 'app') return { calls, result: await builder.app(plan) };
  const made = objectType === 'filter' ? await builder.filter(plan) : await builder.server(plan);
  const atLoad = calls.length;
  return { calls, calls_at_load: atLoad, result: await made('SENTINEL') };
}

/** Which of our words the class of Python's error may stand for, where a vector uses a word that we do not have. */
const pythonErrors: Readonly<Record<string, readonly ErrorKind[]>> = {
  KeyError: ['missing-global', 'bad-catch'],
  AssertionError: ['bad-protocol', 'bad-url'],
  AttributeError: ['no-attribute', 'no-module'],
  TypeError: ['no-attribute', 'bad-factory', 'factory-failed'],
  FileNotFoundError: ['no-file'],
  IsADirectoryError: ['unreadable-file'],
  PackageNotFoundError: ['no-distribution'],
  ModuleNotFoundError: ['no-module'],
};

function expectError(error: unknown, expected: NonNullable<Outcome['error']>): void {
  if (!(error instanceof PipelineError)) throw error;
  const word = errorKinds.find((kind) => kind === expected.kind);
  if (word !== undefined) expect(error.kind, error.message).to.equal(word);
  else expect(pythonErrors[expected.python] ?? errorKinds, error.message).to.include(error.kind);
}

/**
 * Compare results where the original handed back a filter in the place of an app. The sensible outcome is the app: its
 * filters are put around it, which calls the factories that wrap by themselves, and the calls that the original made
 * come in the same order.
 */
function expectMended(outcome: Outcome, expected: Outcome): void {
  const calls = outcome.calls ?? [];
  const numbers: number[] = [];
  for (const call of expected.calls ?? []) {
    const at = calls.findIndex(
      (made, index) => index > (numbers.at(-1) ?? -1) && isDeepStrictEqual(made, call),
    );
    expect(at, `${call.factory} is called in its turn`).to.be.at.least(0);
    numbers.push(at);
  }
  const extra = calls.filter((_call, index) => !numbers.includes(index));
  expect(extra.map((call) => call.as)).to.satisfy((as: string[]) =>
    as.every((each) => each === 'filter_app'),
  );

  let filterHandedBack = false;
  const compare = (actual: unknown, wanted: unknown): void => {
    if (isRecord(wanted) && wanted['composed_filter'] === true) {
      // What `call:` makes of a filter's code in an app's section is the filter: nothing tells that code apart.
      const end = innermost(actual);
      filterHandedBack ||= typeof end === 'function';
      expect(isRecord(end) || typeof end === 'function', 'an app stands at the end').to.equal(true);
      return;
    }
    if (Array.isArray(wanted)) {
      expect(actual).to.be.an('array').with.length(wanted.length);
      for (const [index, item] of wanted.entries()) compare((actual as unknown[])[index], item);
    } else if (isRecord(wanted)) {
      expect(actual).to.have.all.keys(Object.keys(wanted));
      for (const [key, item] of Object.entries(wanted)) {
        const value = (actual as Record<string, unknown>)[key];
        if (key === 'call') expect(calls[value as number]).to.deep.equal(expected.calls?.[item as number]);
        else compare(value, item);
      }
    } else {
      expect(actual).to.equal(wanted);
    }
  };
  compare(outcome.result, expected.result);
  if (filterHandedBack) return;
  // Every filter that was made is around something: none is lost on the way.
  const used = new Set(JSON.stringify(outcome.result).match(/"call":\d+/g));
  expect(used.size).to.equal(calls.length);
}

function innermost(result: unknown): unknown {
  return isRecord(result) && 'wraps' in result ? innermost(result['wraps']) : result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe(`vectors: ${file}`, () => {
  let root: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'pastedeploy-')));
  });

  afterEach(() => rm(root, { recursive: true }));

  const inRoot = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('{{ROOT}}', root)) as T;

  eachCase(file, vectors.cases, async (vector) => {
    for (const [name, text] of Object.entries(vector.files ?? {})) {
      const path = join(root, name);
      // What everybody may write is refused, and there are machines where that is the default.
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await writeFile(path, text.replaceAll('{{ROOT}}', root), { mode: 0o644 });
    }
    const expected = inRoot(vector.expected);
    let outcome: Outcome;
    try {
      outcome = await run(inRoot(vector.call));
    } catch (error) {
      if (expected.error === undefined) throw error;
      expectError(error, expected.error);
      return;
    }
    expect(expected.error, `loaded as ${JSON.stringify(outcome)}`).to.equal(undefined);
    if (JSON.stringify(expected.result ?? null).includes('"composed_filter"')) {
      expectMended(outcome, expected);
      return;
    }
    expect(outcome.calls).to.deep.equal(expected.calls);
    expect(outcome.config).to.deep.equal(expected.config);
    expect(outcome.result).to.deep.equal(expected.result);
    if (expected.calls_at_load !== undefined) expect(outcome.calls_at_load).to.equal(expected.calls_at_load);
  });
});
