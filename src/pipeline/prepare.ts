import {
  type Conf,
  type Context,
  type FactoryContext,
  plain,
  protocolGroups,
  siteOfSetting,
} from './context.js';
import { describeSite, fail, PipelineError, reasonOf, type Site, siteOf } from './errors.js';
import { type OptionValue, readOptions } from './options.js';
import type { Session } from './session.js';
import type { FactoryMeta, Observer, Part, PartProblem } from './types.js';

/** A factory as it can be called; what its arguments are is said by the protocol. */
export type AnyFactory = (...args: readonly unknown[]) => unknown;

/** A factory that has been loaded and checked, with all that it will be called with. Not called yet. */
export interface Prepared {
  readonly factory: AnyFactory;
  readonly meta: FactoryMeta;
  readonly globalConf: Readonly<Record<string, string>>;
  readonly localConf: Readonly<Record<string, OptionValue | undefined>>;
  /** Of a composite that says so: what it will ask for. */
  readonly parts: readonly PreparedPart[] | undefined;
}

export interface PreparedPart {
  readonly part: Part;
  readonly context: Context;
}

/** Everything that is known before anything is called. */
export class Plan {
  readonly root: Context;
  /** To be said aloud: code that a file uses and that does nothing any more, and the like. */
  readonly notes: readonly string[];
  readonly observers: readonly Observer[];
  /** What filters have provided for that which is within a composite; filled when their order is checked. */
  readonly within = new Map<FactoryContext, ReadonlySet<string>>();
  readonly #prepared: ReadonlyMap<FactoryContext, Prepared>;

  constructor(root: Context, prepared: ReadonlyMap<FactoryContext, Prepared>, notes: ReadonlySet<string>) {
    this.root = root;
    this.notes = [...notes];
    this.#prepared = prepared;
    this.observers = [...prepared.values()].flatMap((each) =>
      each.meta.observe === undefined ? [] : [each.meta.observe],
    );
  }

  /** undefined for a factory that could not be prepared: then the session has problems. */
  of(context: FactoryContext): Prepared | undefined {
    return this.#prepared.get(context);
  }
}

/**
 * Load the factories of a tree, check their settings, and find the parts of composites that name them.
 * Modules are imported; no factory is called. What is wrong is reported to the session.
 */
export async function prepare(session: Session, root: Context): Promise<Plan> {
  const prepared = new Map<FactoryContext, Prepared>();
  const notes = new Set<string>();

  // In the order in which PasteDeploy creates objects, so that the first problem is the one it would have met.
  const visit = async (context: Context): Promise<void> => {
    switch (context.type) {
      case 'broken':
        return;
      case 'pipeline':
        await visit(context.app);
        for (const filter of context.filters) await visit(filter);
        return;
      case 'filter-app':
        await visit(context.next);
        await visit(context.filter);
        return;
      case 'filter-with':
        await visit(context.filter);
        await visit(context.next);
        return;
      case 'factory':
        try {
          await visitFactory(context);
        } catch (error) {
          if (!(error instanceof PipelineError)) throw error;
          session.report(...error.problems);
        }
    }
  };

  const visitFactory = async (context: FactoryContext): Promise<void> => {
    const factory = await loadFactory(session, context);
    const meta = metaOf(factory, context);
    const read = meta.options === undefined ? undefined : readOptions(meta.options, context.localConf);
    for (const problem of read?.problems ?? []) {
      const section = context.trail[0];
      const site =
        section === undefined ? context.site : siteOfSetting(section, problem.option, problem.setting);
      session.report({
        ...site,
        kind: problem.kind,
        text: problem.text,
        name: problem.option,
        nearest: problem.nearest,
      });
    }
    if (context.reference.from === 'registry' && context.reference.entry.note !== undefined) {
      notes.add(
        `${describeSite(context.named)}: ${context.reference.label}: ${context.reference.entry.note}`,
      );
    }
    const parts: PreparedPart[] | undefined = meta.parts === undefined ? undefined : [];
    prepared.set(context, {
      factory,
      meta,
      globalConf: plain(context.globalConf),
      localConf: read?.values ?? plain(context.localConf),
      parts,
    });
    if (meta.parts === undefined || parts === undefined) return;
    for (const part of meta.parts(settingsOf(context.localConf), plain(context.globalConf))) {
      const found = partOf(session, context, part);
      if (found === undefined) continue;
      parts.push(found);
      await visit(found.context);
    }
  };

  await visit(root);
  return new Plan(root, prepared, notes);
}

async function loadFactory(session: Session, context: FactoryContext): Promise<AnyFactory> {
  const { protocol, reference, objectType, named } = context;
  const valid = protocolGroups[objectType].flat();
  if (protocol === undefined || !valid.includes(protocol)) {
    fail(
      'bad-protocol',
      `nothing says how to call '${reference.label}': give it a section of its own, with use = ${reference.label}`,
      named,
      {
        name: reference.label,
      },
    );
  }
  const made = reference.from === 'registry' ? reference.entry.protocol : undefined;
  if (made !== undefined && spelling(made) !== spelling(protocol)) {
    fail('bad-factory', `'${reference.label}' is a ${made}, not a ${protocol}`, named, {
      name: reference.label,
      nearest: made,
    });
  }
  const factory = await session.resolver.load(reference, named);
  if (typeof factory !== 'function') {
    fail('bad-factory', `'${reference.label}' is no function, and so no ${protocol}`, named, {
      name: reference.label,
    });
  }
  return factory as AnyFactory;
}

/** The two spellings of composite mean the same. */
function spelling(protocol: string): string {
  return protocol.replace('composit_', 'composite_');
}

function partOf(
  session: Session,
  context: FactoryContext,
  part: Part | PartProblem,
): PreparedPart | undefined {
  const site = siteOfPart(context, part.setting);
  if ('kind' in part) {
    session.report({ ...siteOf(site), kind: part.kind, text: part.text, name: part.setting });
    return undefined;
  }
  try {
    return {
      part,
      context: context.source.getContext('app', part.app, context.globalConf, site, context.ancestry),
    };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    session.report(...error.problems);
    return undefined;
  }
}

function siteOfPart(context: FactoryContext, option: string): Site {
  const section = context.trail[0];
  const setting = context.localConf.get(option) ?? context.globalConf.get(option);
  return section === undefined ? context.site : siteOfSetting(section, option, setting);
}

/** The settings of a section in the order of the file. */
export function settingsOf(conf: Conf): (readonly [string, string])[] {
  return Array.from(conf, ([name, setting]) => [name, setting.value] as const);
}

const optionTypes = new Set(['str', 'bool', 'int', 'float', 'list']);

/** What a factory says of itself, refused when it is not said in the agreed form: it would be ignored silently. */
function metaOf(factory: AnyFactory, context: FactoryContext): FactoryMeta {
  const { meta } = factory as { meta?: FactoryMeta };
  if (meta === undefined) return {};
  const wrong = (what: string): never =>
    fail('bad-factory', `'${context.reference.label}': its meta.${what}`, context.named, {
      name: context.reference.label,
    });
  try {
    for (const [option, spec] of Object.entries(meta.options ?? {})) {
      if (!optionTypes.has(spec.type))
        wrong(`options.${option}.type must be one of ${[...optionTypes].join(', ')}`);
    }
    for (const list of ['requires', 'provides'] as const) {
      const names: unknown = meta[list] ?? [];
      if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
        wrong(`${list} must be a list of names`);
    }
    for (const hook of ['parts', 'observe'] as const) {
      const given: unknown = meta[hook] ?? prepare;
      if (typeof given !== 'function') wrong(`${hook} must be a function`);
    }
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    wrong(`cannot be read: ${reasonOf(error)}`);
  }
  return meta;
}
