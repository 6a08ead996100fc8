import type Koa from 'koa';
import { asint } from './converters.js';
import { replayable } from './replay.js';
import { compareCodePoints, words } from './text.js';
import type {
  CompositeFactory,
  CompositeLoader,
  GlobalConf,
  Part,
  PartProblem,
  PipelineMiddleware,
} from './types.js';

/** A setting of a cascade that means nothing. */
export class CascadeError extends Error {
  readonly kind: 'cascade-bad-key' | 'value-error' | 'bad-catch';
  readonly setting: string;

  constructor(kind: 'cascade-bad-key' | 'value-error' | 'bad-catch', setting: string, message: string) {
    super(message);
    this.kind = kind;
    this.setting = setting;
  }
}

/** The status codes that Paste has an exception for; it knows no other to catch. */
const knownCodes = new Set([
  300, 301, 302, 303, 304, 305, 307, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413,
  414, 415, 416, 417, 429, 500, 501, 502, 503, 504, 505,
]);

const catchSetting = 'catch';

/** The codes of `catch = 404 500`. */
function codesOf(settings: readonly (readonly [string, string])[]): number[] {
  const text = settings.find(([name]) => name === catchSetting)?.[1] ?? '404';
  return words(text).map((word) => {
    let code: number;
    try {
      code = asint(word);
    } catch {
      throw new CascadeError('value-error', catchSetting, `'${word}' is no status code`);
    }
    if (!knownCodes.has(code))
      throw new CascadeError('bad-catch', catchSetting, `${code} is no status that can be caught`);
    return code;
  });
}

function badKey(name: string): CascadeError {
  return new CascadeError(
    'cascade-bad-key',
    name,
    `'${name}': settings must begin with 'app', or be 'catch'`,
  );
}

/**
 * Ask for the apps of a `use = egg:Paste#cascade` section: those of the settings that begin with `app`, tried in the
 * order of these names as text. `catch` lists the statuses that pass a request on, 404 unless given.
 *
 * @throws CascadeError
 */
export async function buildCascade<App>(
  loader: Pick<CompositeLoader<App>, 'getApp' | 'settings'>,
  globalConf: GlobalConf,
): Promise<{ apps: App[]; codes: number[] }> {
  const settings = loader.settings();
  const named: [string, App][] = [];
  for (const [name, app] of settings) {
    if (name === catchSetting) continue;
    if (!name.startsWith('app')) throw badKey(name);
    named.push([name, await loader.getApp(app, globalConf)]);
  }
  named.sort(([left], [right]) => compareCodePoints(left, right));
  return { apps: named.map(([, app]) => app), codes: codesOf(settings) };
}

function* cascadeParts(settings: readonly (readonly [string, string])[]): Iterable<Part | PartProblem> {
  for (const [name, app] of settings) {
    if (name === catchSetting) continue;
    if (name.startsWith('app')) {
      yield { setting: name, app, label: name, route: { kind: 'try' } };
    } else {
      const { kind, message } = badKey(name);
      yield { setting: name, kind, text: message };
    }
  }
  try {
    codesOf(settings);
  } catch (error) {
    if (!(error instanceof CascadeError)) throw error;
    yield { setting: error.setting, kind: error.kind, text: error.message };
  }
}

const end: Koa.Next = () => Promise.resolve();

/**
 * The middleware of a cascade. Every app but the last gets the request as it came: its own `ctx.state`, the whole body
 * to read. When its status (of the response, or of an error that it throws) is one to catch, nothing of its response
 * remains and the next is tried. The last one's response stands.
 */
export function cascadeMiddleware(
  apps: readonly PipelineMiddleware[],
  codes: readonly number[],
): PipelineMiddleware {
  const caught = new Set(codes);
  const tried = apps.slice(0, -1);
  const last = apps.at(-1);
  return async (ctx: Koa.Context) => {
    const bodies = await replayable(ctx);
    const before = snapshot(ctx);
    for (const app of tried) {
      const { state } = ctx;
      ctx.state = { ...state };
      bodies.rewind();
      try {
        await app(ctx, end);
        if (!caught.has(ctx.status)) return;
      } catch (error) {
        if (!caught.has(statusOf(error))) throw error;
      } finally {
        ctx.state = state;
      }
      if (ctx.headerSent) return;
      reset(ctx, before);
    }
    bodies.rewind();
    await last?.(ctx, end);
  };
}

function statusOf(error: unknown): number {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown };
  const code = typeof status === 'number' ? status : statusCode;
  return typeof code === 'number' ? code : 500;
}

/** What Koa remembers besides the status: whether it was set on purpose, or is only the default. */
interface ResponseMemory {
  _explicitStatus?: boolean;
  _explicitNullBody?: boolean | undefined;
}

interface Snapshot {
  readonly status: number;
  readonly explicit: boolean;
  readonly url: string;
  readonly headers: Readonly<Record<string, number | string | string[] | undefined>>;
}

function snapshot(ctx: Koa.Context): Snapshot {
  const memory = ctx.response as ResponseMemory;
  return {
    status: ctx.status,
    explicit: memory._explicitStatus === true,
    url: ctx.url,
    headers: ctx.res.getHeaders(),
  };
}

function reset(ctx: Koa.Context, before: Snapshot): void {
  // Before the body, which would otherwise stay as the JSON text `null`.
  ctx.remove('Content-Type');
  ctx.body = undefined;
  for (const name of ctx.res.getHeaderNames()) ctx.remove(name);
  for (const [name, value] of Object.entries(before.headers)) {
    if (value !== undefined) ctx.res.setHeader(name, value);
  }
  ctx.url = before.url;
  ctx.status = before.status;
  const memory = ctx.response as ResponseMemory;
  memory._explicitStatus = before.explicit;
  memory._explicitNullBody = undefined;
}

/** `egg:Paste#cascade` */
export const cascade: CompositeFactory = Object.assign(
  async (loader: CompositeLoader, globalConf: GlobalConf) => {
    const { apps, codes } = await buildCascade(loader, globalConf);
    if (apps.length === 0)
      throw new CascadeError('cascade-bad-key', 'app', "has no app: give it settings that begin with 'app'");
    return cascadeMiddleware(apps, codes);
  },
  { meta: { parts: cascadeParts } },
);
