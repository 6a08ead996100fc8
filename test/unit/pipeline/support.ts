import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Koa from 'koa';
import { PipelineError } from '../../../src/pipeline/errors.js';
import { createRegistry, type PipelineMiddleware, type Registry } from '../../../src/pipeline/index.js';

/** A folder of files, with links followed. Call `remove` when done. */
export class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
    const folder = new Folder(await realpath(await mkdtemp(join(tmpdir(), 'pipeline-'))));
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    return folder;
  }

  /** Write a file, whose name may hold folders. Returns its path. */
  async write(name: string, text: string): Promise<string> {
    const file = join(this.path, name);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    // What everybody may write is refused, and there are machines where that is the default.
    await writeFile(file, text, { mode: 0o644 });
    return file;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true });
  }
}

/** A real HTTP server on a free port. */
export interface Serving {
  readonly url: string;
  close(): Promise<void>;
}

export async function serve(...middleware: readonly PipelineMiddleware[]): Promise<Serving> {
  const koa = new Koa();
  koa.silent = true;
  for (const each of middleware) koa.use(each);
  const handle = koa.callback();
  // Closed by the client or at the end, never while the next request is on its way.
  const server: Server = createServer({ keepAliveTimeout: 0 }, (req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/**
 * A registry with `egg:t#mark`, a filter that leaves its option `as` in the header `X-Trace`, and `egg:t#say`, an app
 * that answers with its option `as` and with the path and the mount that it sees.
 */
export function tracingRegistry(): Registry {
  const registry = createRegistry();
  registry.add(
    't',
    'mark',
    'filter',
    () =>
      (_global: object, local: { as?: string }): PipelineMiddleware =>
      async (ctx, next) => {
        ctx.append('X-Trace', local.as ?? 'mark');
        await next();
      },
  );
  registry.add(
    't',
    'say',
    'app',
    () =>
      (_global: object, local: { as?: string }): PipelineMiddleware =>
      (ctx) => {
        const { scriptName = '' } = ctx.state as { scriptName?: string };
        ctx.body = { app: local.as ?? 'say', scriptName, path: ctx.path, url: ctx.url };
      },
  );
  return registry;
}

/** What a promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<PipelineError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
