import type Koa from 'koa';
import { type LoadedApp, loadAppOf } from './api.js';
import { atLast, DONE, promised } from './done.js';
import { PipelineError, reasonOf } from './errors.js';
import type { IniFile } from './ini.js';
import type { LoadOptions } from './load_options.js';
import type { PipelineMiddleware } from './types.js';

/** What a reloadable app is loaded with. */
export interface ReloadableOptions extends Omit<LoadOptions, 'name'> {
  /** The apps that are served, which are replaced together or not at all. By default `main`. */
  readonly names?: readonly string[] | undefined;
  /** Try an app before any request gets to it; throw to refuse it. */
  readonly probe?: ((app: PipelineMiddleware, name: string) => void | Promise<void>) | undefined;
  /** Is told what became of every reload, and of what went wrong while letting go of an old tree. */
  readonly log?: ((event: ReloadEvent) => void) | undefined;
}

export type ReloadEvent =
  | { readonly kind: 'loaded'; readonly generation: number }
  | { readonly kind: 'refused'; readonly generation: number; readonly refusal: Refusal }
  | { readonly kind: 'dispose-failed'; readonly generation: number; readonly reason: string };

/** Why a state of the files was not taken. */
export interface Refusal {
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** The whole message, of one or more lines. */
  readonly reason: string;
  readonly at: Date;
  /** The generation that stayed in force. */
  readonly generation: number;
}

export interface ReloadStatus {
  /** Counts the trees that were put in force; the first is 1. */
  readonly generation: number;
  readonly loadedAt: Date;
  /** The last state of the files that was refused, also when a later one was taken. */
  readonly lastRefused: Refusal | undefined;
  /** Requests that are still running on trees that are no longer in force. */
  readonly draining: number;
}

export interface ReloadableApp {
  /** The first of the names. */
  readonly middleware: PipelineMiddleware;
  /** @throws Error for a name that was not asked for */
  endpoint(name: string): PipelineMiddleware;
  /**
   * Build the tree anew beside the one in force, probe it, and put it in force for new requests, while running ones
   * finish on the old. When anything is wrong the old tree stays.
   *
   * Calls while a reload runs share one that begins after it, so that none sees files from before it was called.
   *
   * @returns true when the new tree is in force; never throws
   */
  reload(): Promise<boolean>;
  status(): ReloadStatus;
  /** Let go of the tree in force, once no request runs on it any more. */
  dispose(): Promise<void>;
}

/** A built tree and the requests that run on it. */
interface Generation {
  readonly number: number;
  readonly loadedAt: Date;
  readonly apps: readonly LoadedApp[];
  running: number;
  /** Set when it is no longer in force: called when the last request is done. */
  retired: (() => void) | undefined;
}

const end: Koa.Next = () => DONE;

/**
 * Load apps in such a way that they can be loaded again while they serve.
 *
 * @param uri of the file, without a name
 * @throws PipelineError when the first load fails, or what the probe throws
 */
export async function loadReloadable(uri: string, options: ReloadableOptions = {}): Promise<ReloadableApp> {
  const { names = ['main'], probe, log = () => undefined, ...loadOptions } = options;
  if (names.length === 0) throw new Error('there is no app to load: names is empty');
  const draining = new Set<Generation>();
  let lastRefused: Refusal | undefined;
  /** The reload that was asked for last; it never fails. */
  let latest: Promise<unknown> = Promise.resolve();
  /** The one that has not begun yet. */
  let queued: Promise<boolean> | undefined;

  const build = async (number: number): Promise<Generation> => {
    const apps: LoadedApp[] = [];
    const files = new Map<string, IniFile>();
    try {
      for (const name of names) {
        const app = await loadAppOf(files, uri, { ...loadOptions, name });
        apps.push(app);
        await probe?.(app, name);
      }
    } catch (error) {
      await Promise.allSettled(apps.map((app) => app.dispose()));
      throw error;
    }
    return { number, loadedAt: new Date(), apps, running: 0, retired: undefined };
  };

  /** Let go of a generation, once nothing runs on it. */
  const retire = async (generation: Generation): Promise<void> => {
    draining.add(generation);
    if (generation.running > 0) {
      await new Promise<void>((resolve) => {
        generation.retired = resolve;
      });
    }
    draining.delete(generation);
    for (const outcome of await Promise.allSettled(generation.apps.map((app) => app.dispose()))) {
      if (outcome.status === 'rejected') {
        log({ kind: 'dispose-failed', generation: generation.number, reason: reasonOf(outcome.reason) });
      }
    }
  };

  let current = await build(1);
  log({ kind: 'loaded', generation: 1 });

  const replace = async (): Promise<boolean> => {
    try {
      const next = await build(current.number + 1);
      const old = current;
      current = next;
      log({ kind: 'loaded', generation: next.number });
      void retire(old);
      return true;
    } catch (error) {
      const place = error instanceof PipelineError ? error : undefined;
      lastRefused = {
        file: place?.file,
        line: place?.line,
        reason: reasonOf(error),
        at: new Date(),
        generation: current.number,
      };
      log({ kind: 'refused', generation: current.number, refusal: lastRefused });
      return false;
    }
  };

  const endpoint = (index: number): PipelineMiddleware => {
    return (ctx: Koa.Context) => {
      const generation = current;
      const app = generation.apps[index];
      generation.running += 1;
      const release = (): void => {
        generation.running -= 1;
        if (generation.running === 0) generation.retired?.();
      };
      const leave = (): void => {
        // A body that is streamed goes on being made after the middleware is done.
        if (isStream(ctx.body) && !ctx.res.destroyed) ctx.res.once('close', release);
        else release();
      };
      let work: unknown;
      try {
        work = app?.(ctx, end);
      } catch (error) {
        leave();
        throw error;
      }
      return atLast(promised(work), leave);
    };
  };

  const endpoints = new Map(names.map((name, index) => [name, endpoint(index)]));

  return {
    middleware: endpoint(0),
    endpoint(name) {
      const found = endpoints.get(name);
      if (found === undefined) throw new Error(`'${name}' was not loaded; there are ${names.join(', ')}`);
      return found;
    },
    reload() {
      if (queued === undefined) {
        queued = latest.then(() => {
          queued = undefined;
          return replace();
        });
        latest = queued;
      }
      return queued;
    },
    status: () => ({
      generation: current.number,
      loadedAt: current.loadedAt,
      lastRefused,
      draining: [...draining].reduce((sum, generation) => sum + generation.running, 0),
    }),
    async dispose() {
      await latest;
      await retire(current);
    },
  };
}

function isStream(body: unknown): boolean {
  const { pipe, getReader } = Object(body) as { pipe?: unknown; getReader?: unknown };
  return typeof pipe === 'function' || typeof getReader === 'function';
}
