import { type Context, type FactoryContext, type ObjectType, sectionPrefixes } from './context.js';
import { describeSite, PipelineError, type Problem, type Site, siteOf } from './errors.js';
import type { IniFile } from './ini.js';
import { type LoadOptions, openSession, uriOptions } from './load_options.js';
import { loadContext } from './loader.js';
import { type Plan, prepare } from './prepare.js';
import { roots } from './roots.js';
import type { Session } from './session.js';
import { nearest } from './suggest.js';
import { strip } from './text.js';
import { configUri } from './uri.js';

/** A tree that can be built, and the session that builds it from the files as they were read. */
export interface Validated {
  readonly plan: Plan;
  readonly session: Session;
}

/**
 * Do everything short of calling a factory: find the object, import its modules, check every setting and the order of
 * filters.
 *
 * @param files what has been read, and is read
 * @throws PipelineError with everything that is wrong
 */
export async function validate(
  objectType: ObjectType,
  uri: string,
  options: LoadOptions,
  files?: Map<string, IniFile>,
): Promise<Validated> {
  const session = openSession(options, files);
  const context = loadContext(session, objectType, uri, uriOptions(options), {});
  const plan = await prepare(session, context);
  checkOrder(session, plan);
  session.stopIfWrong();
  return { plan, session };
}

/**
 * Report every filter and app that needs something which nothing before it provides.
 *
 * @param outside what is there already, for a plan that is a part of another
 */
export function checkOrder(session: Session, plan: Plan, outside: ReadonlySet<string> = new Set()): void {
  const providers = new Map<string, FactoryContext[]>();

  const collect = (context: Context): void => {
    if (context.type === 'pipeline') for (const part of [...context.filters, context.app]) collect(part);
    if (context.type === 'filter-app' || context.type === 'filter-with')
      for (const part of [context.filter, context.next]) collect(part);
    if (context.type !== 'factory') return;
    const prepared = plan.of(context);
    for (const name of prepared?.meta.provides ?? [])
      providers.set(name, [...(providers.get(name) ?? []), context]);
    for (const { context: part } of prepared?.parts ?? []) collect(part);
  };

  /** Follow a request inwards. Returns what is there for what comes after. */
  const follow = (context: Context, there: ReadonlySet<string>): ReadonlySet<string> => {
    if (context.type === 'pipeline')
      return follow(
        context.app,
        context.filters.reduce((before, filter) => follow(filter, before), there),
      );
    if (context.type === 'filter-app' || context.type === 'filter-with')
      return follow(context.next, follow(context.filter, there));
    const prepared = context.type === 'factory' ? plan.of(context) : undefined;
    if (prepared === undefined || context.type !== 'factory') return there;
    for (const need of prepared.meta.requires ?? []) {
      if (!there.has(need)) session.report(orderProblem(context, need, providers));
    }
    const after = new Set([...there, ...(prepared.meta.provides ?? [])]);
    plan.within.set(context, after);
    for (const { context: part } of prepared.parts ?? []) follow(part, after);
    return after;
  };

  collect(plan.root);
  follow(plan.root, outside);
}

function orderProblem(
  context: FactoryContext,
  need: string,
  providers: ReadonlyMap<string, readonly FactoryContext[]>,
): Problem {
  const [provider] = providers.get(need) ?? [];
  const text =
    provider === undefined
      ? `'${context.asked}' needs '${need}', which no filter provides`
      : `'${context.asked}' needs '${need}': '${provider.asked}', which provides it, must stand before it`;
  const near = provider === undefined ? nearest(need, providers.keys()) : undefined;
  return { ...siteOf(context.site), kind: 'bad-order', text, name: context.asked, nearest: near };
}

/** What is to be said about a whole file. */
export interface FileCheck {
  /** Any of these would stop a start that needs the section. */
  readonly problems: readonly Problem[];
  /** Nothing is wrong, but somebody may have meant something else. */
  readonly warnings: readonly string[];
  /** The objects that were looked at, by the names of their sections. */
  readonly sections: readonly string[];
}

/**
 * Check every section of a file that defines an object, whether it is used or not. Modules are imported, no factory is
 * called.
 */
export async function checkFile(
  file: string,
  options: Omit<LoadOptions, 'name' | 'relativeTo'> = {},
): Promise<FileCheck> {
  const session = openSession(options);
  const warnings = new Set<string>();
  const sections: string[] = [];
  const apps = new Map<string, Plan>();
  let parsed: IniFile;
  try {
    parsed = session.read(file, file, {});
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { problems: error.problems, warnings: [], sections };
  }
  for (const section of parsed.sections.values()) {
    const site: Site = { file, line: section.line, section: section.name };
    const found = objectOf(section.name);
    if (found === undefined) {
      const slip = slipOf(section.name);
      if (slip !== undefined)
        warnings.add(`${describeSite(site)} is no section that is looked at (nearest: ${slip})`);
      continue;
    }
    sections.push(section.name);
    try {
      const context = loadContext(
        session,
        found.objectType,
        configUri(file),
        { ...uriOptions(options), name: found.name },
        site,
      );
      const plan = await prepare(session, context);
      for (const note of plan.notes) warnings.add(note);
      if (found.objectType === 'app') apps.set(found.name, plan);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      session.report(...error.problems);
    }
  }
  // What stands further out may provide what a part needs, so only whole stacks tell.
  for (const plan of roots(apps).values()) checkOrder(session, plan);
  return { problems: session.problems, warnings: [...warnings], sections };
}

const objectTypes: readonly ObjectType[] = ['app', 'filter', 'server'];

function objectOf(section: string): { objectType: ObjectType; name: string } | undefined {
  const [prefix = ''] = section.split(':', 1);
  const objectType = objectTypes.find((type) => sectionPrefixes[type].flat().includes(prefix));
  if (objectType === undefined || !section.includes(':')) return undefined;
  return { objectType, name: strip(section.slice(prefix.length + 1)) };
}

/** The section name that was meant by one such as `filtr:cors`. Other sections belong to other programs. */
function slipOf(section: string): string | undefined {
  const colon = section.indexOf(':');
  if (colon < 0) return undefined;
  const prefixes = objectTypes.flatMap((type) => sectionPrefixes[type].flat());
  const prefix = nearest(section.slice(0, colon), prefixes);
  return prefix === undefined ? undefined : `[${prefix}${section.slice(colon)}]`;
}
