import {
  type Conf,
  type Context,
  type FactoryContext,
  type Origin,
  type SectionRef,
  type Setting,
  sectionPrefixes,
} from './context.js';
import { type LoadOptions, openSession } from './load_options.js';
import { loadContext } from './loader.js';
import { type Plan, prepare } from './prepare.js';
import { roots } from './roots.js';
import { shownValue } from './secrets.js';
import { strip } from './text.js';
import type { PartRoute } from './types.js';
import { configUri } from './uri.js';
import { validate } from './validate.js';

/** A place in a file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A setting, and where it comes from. */
export interface SettingView {
  readonly name: string;
  /** `***` for a secret. */
  readonly value: string;
  /** Without a place, the caller gave it, or it was worked out. */
  readonly from: Place | 'caller' | 'computed';
  /** The `get NAME = GLOBAL` that fetched it. */
  readonly via?: Place | 'caller' | 'computed';
  /** Where the values come from that were put into it by `%(name)s`. */
  readonly uses?: readonly (Place | 'caller' | 'computed')[];
}

/** A filter or an app. */
export interface Component {
  readonly name: string;
  /** The sections that define it, the one that was named first; none for a URI in the place of a name. */
  readonly sections: readonly (Place & { readonly name: string })[];
  readonly factory: {
    /** As it is written, such as `egg:oslo.middleware#cors`. */
    readonly name: string;
    readonly protocol: string;
    /** The module behind the name. */
    readonly module: string;
    readonly note?: string;
  };
  readonly settings: readonly SettingView[];
  /** Of `[DEFAULT]`, of the caller, and every `set`. */
  readonly globals: readonly SettingView[];
  /** Of a composite that says so: where it leads. */
  readonly parts?: readonly PartView[];
}

export interface PartView {
  /** How a request gets there, such as `/v3`. */
  readonly label: string;
  readonly route?: PartRoute;
  readonly branch: Branch;
}

/** An app with all that stands in front of it, whatever kinds of sections that was put together by. */
export interface Branch {
  readonly name: string;
  /** The section of that name. */
  readonly section?: Place & { readonly name: string };
  /** In the order in which a request passes them. */
  readonly filters: readonly Component[];
  readonly app: Component;
}

/**
 * What `loadApp` would build. Modules are imported, no factory is called.
 *
 * @throws PipelineError when it could not be built
 */
export async function explainApp(uri: string, options: LoadOptions = {}): Promise<Branch> {
  const { plan } = await validate('app', uri, options);
  return branchOf(plan, plan.root, plan.root.asked);
}

/**
 * The apps of a file that are no part of another: what there is to be served.
 *
 * @throws PipelineError when one of them could not be built
 */
export async function explainFile(
  file: string,
  options: Omit<LoadOptions, 'name' | 'relativeTo'> = {},
): Promise<Branch[]> {
  const session = openSession(options);
  const plans = new Map<string, Plan>();
  for (const section of session.read(file, file, {}).sections.values()) {
    const prefix = sectionPrefixes.app.flat().find((each) => section.name.startsWith(`${each}:`));
    if (prefix === undefined) continue;
    const name = strip(section.name.slice(prefix.length + 1));
    plans.set(name, await prepare(session, loadContext(session, 'app', configUri(file), { name }, {})));
  }
  session.stopIfWrong();
  return Promise.all(
    Array.from(roots(plans).keys(), (name) => explainApp(configUri(file), { ...options, name })),
  );
}

function branchOf(plan: Plan, context: Context, name: string): Branch {
  const { filters, app } = flattened(context);
  const section = context.trail[0];
  return {
    name,
    ...(section === undefined ? {} : { section: placed(section) }),
    filters: filters.map((filter) => componentOf(plan, filter)),
    app: componentOf(plan, app),
  };
}

/** The filters in front of an app, the outermost first. */
function flattened(context: Context): { filters: FactoryContext[]; app: FactoryContext } {
  if (context.type === 'pipeline') {
    const inner = flattened(context.app);
    return { filters: [...context.filters.flatMap(flattenedFilter), ...inner.filters], app: inner.app };
  }
  if (context.type === 'filter-app' || context.type === 'filter-with') {
    const inner = flattened(context.next);
    return { filters: [...flattenedFilter(context.filter), ...inner.filters], app: inner.app };
  }
  return { filters: [], app: whole(context) };
}

function flattenedFilter(context: Context): FactoryContext[] {
  if (context.type === 'filter-with')
    return [...flattenedFilter(context.filter), ...flattenedFilter(context.next)];
  return [whole(context)];
}

/** Problems stop an explanation before it gets here. */
function whole(context: Context): FactoryContext {
  if (context.type !== 'factory') throw new Error(`'${context.asked}' is not whole`);
  return context;
}

function componentOf(plan: Plan, context: FactoryContext): Component {
  const { reference, protocol = '', trail } = context;
  const prepared = plan.of(context);
  const note = reference.from === 'registry' ? reference.entry.note : undefined;
  const secret = (name: string) => prepared?.meta.options?.[name]?.secret;
  return {
    name: context.asked,
    sections: trail.map(placed),
    factory: {
      name: reference.label,
      protocol,
      module: reference.module,
      ...(note === undefined ? {} : { note }),
    },
    settings: settingViews(context.localConf, secret),
    globals: settingViews(context.globalConf, secret),
    ...(prepared?.parts === undefined
      ? {}
      : {
          parts: prepared.parts.map(({ part, context: inner }) => ({
            label: part.label,
            ...(part.route === undefined ? {} : { route: part.route }),
            branch: branchOf(plan, inner, part.app),
          })),
        }),
  };
}

function settingViews(conf: Conf, secret: (name: string) => boolean | undefined): SettingView[] {
  return Array.from(conf, ([name, setting]: [string, Setting]) => ({
    name,
    value: shownValue(name, setting, secret(name)),
    from: placeOf(setting.origin),
    ...(setting.via === undefined ? {} : { via: placeOf(setting.via.origin) }),
    ...(setting.uses === undefined ? {} : { uses: setting.uses.map((use) => placeOf(use.origin)) }),
  }));
}

function placeOf(origin: Origin): Place | 'caller' | 'computed' {
  if (origin.file === undefined || origin.line === undefined) return origin.note ?? 'computed';
  return { file: origin.file, line: origin.line };
}

function placed({ file, line, name }: SectionRef): Place & { name: string } {
  return { name, file, line };
}
