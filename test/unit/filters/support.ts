/** A pipeline on a real HTTP server, with a service behind it that is small but whole. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Middleware } from 'koa';
import { TokenNotFound } from '../../../src/common/errors.js';
import { baseUrlOf } from '../../../src/common/http/base_url.js';
import type { Logger } from '../../../src/common/log/index.js';
import { ServiceMetrics } from '../../../src/common/metrics.js';
import { Policy, PolicyStore } from '../../../src/common/policy/index.js';
import type { TokenModel, V3TokenBody } from '../../../src/common/token_model.js';
import { loadConf } from '../../../src/conf/index.js';
import { type LoadedApp, loadApp } from '../../../src/pipeline/index.js';
import { HttpListener } from '../../../src/server/http_server.js';
import { koaHandler } from '../../../src/server/koa_app.js';
import { keystoneRegistry, type RegistryServices } from '../../../src/server/registry.js';

/** A logger that remembers. */
export class RecordingLog implements Logger {
  readonly lines: string[] = [];
  debug(text: string): void {
    this.lines.push(`debug ${text}`);
  }
  info(text: string): void {
    this.lines.push(`info ${text}`);
  }
  warn(text: string): void {
    this.lines.push(`warn ${text}`);
  }
  error(text: string): void {
    this.lines.push(`error ${text}`);
  }
  isDebugEnabled(): boolean {
    return true;
  }
}

export interface Reply {
  readonly status: number;
  readonly message: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer | readonly Buffer[];
}

/** A token with one role on a project; the id is whatever the test calls it. */
export function tokenOf(id: string, changes: Partial<V3TokenBody> = {}): TokenModel {
  const now = Date.now();
  const body: V3TokenBody = {
    methods: ['password'],
    user: { id: 'u1', name: 'alice', domain: { id: 'default', name: 'Default' } },
    audit_ids: ['a1'],
    expires_at: '2030-01-01T00:00:00.000000Z',
    issued_at: '2020-01-01T00:00:00.000000Z',
    project: { id: 'p1', name: 'demo', domain: { id: 'default', name: 'Default' } },
    is_domain: false,
    roles: [{ id: 'r1', name: 'admin' }],
    ...changes,
  };
  return { id, body, expiresAt: now + 3_600_000, issuedAt: now };
}

export interface Bench {
  readonly services: RegistryServices;
  readonly log: RecordingLog;
  readonly tokens: Map<string, TokenModel | Error>;
  /** Folder of the paste file and its companions. */
  readonly folder: string;
  readonly notes: string[];
  /** Load a section of a paste file. */
  load(ini: string, name?: string): Promise<LoadedApp>;
  /** Let go of an app when the bench is closed. */
  keep(app: LoadedApp): LoadedApp;
  /** Serve a middleware; all servers are stopped by `close`. */
  serve(app: Middleware): Promise<Site>;
  close(): Promise<void>;
}

export class Site {
  constructor(readonly port: number) {}

  ask({ method = 'GET', path = '/', headers = {}, body }: Asked = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port: this.port, method, path, headers, agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.once('error', reject);
          incoming.once('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              message: incoming.statusMessage ?? '',
              headers: incoming.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      outgoing.once('error', reject);
      if (typeof body === 'string' || Buffer.isBuffer(body)) outgoing.end(body);
      else {
        for (const chunk of body ?? []) outgoing.write(chunk);
        outgoing.end();
      }
    });
  }

  /** Send bytes on one connection and read until the server closes it. */
  async raw(bytes: string | Buffer): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    return Buffer.concat(chunks).toString('latin1');
  }
}

/**
 * @param ini keystone.conf
 * @param changes of the services
 */
export async function createBench(
  ini = '',
  changes: (bench: { log: RecordingLog }) => Partial<RegistryServices> = () => ({}),
): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'filters-'));
  const confFile = join(folder, 'keystone.conf');
  await writeFile(confFile, ini);
  const { conf, corsSections } = loadConf({ configFiles: [confFile], env: { HOME: folder } });
  const log = new RecordingLog();
  const tokens = new Map<string, TokenModel | Error>();
  const notes: string[] = [];
  const listeners: HttpListener[] = [];
  const apps: LoadedApp[] = [];
  const publicBaseUrl = baseUrlOf(conf.DEFAULT.public_endpoint);
  const policy = Policy.compile({ 'identity:anything': 'role:admin' });
  const services: RegistryServices = {
    conf,
    corsSections,
    rendering: { insecureDebug: false, baseUrl: publicBaseUrl, log },
    policy: { current: () => policy },
    openPolicy: ({ policyFile, policyDirs, defaultRule }) =>
      PolicyStore.load({ policyFile, policyDirs, defaultRule, builtIn: {} }),
    tokens: {
      validateToken: async (id) => {
        const found = tokens.get(id) ?? new TokenNotFound({ token_id: id });
        if (found instanceof Error) throw found;
        return found;
      },
      kept: () => undefined,
    },
    tokenless: null,
    extensions: { ec2V2: [], ec2V3: [], s3: [] },
    health: { live: () => [], ready: () => Promise.resolve([]), status: () => ({}) },
    metrics: new ServiceMetrics(),
    trace: () => undefined,
    publicBaseUrl,
    adminBaseUrl: baseUrlOf(conf.DEFAULT.admin_endpoint),
    v3Routes: [],
    v2PublicRoutes: [],
    v2AdminRoutes: [],
    ...changes({ log }),
  };
  const keep = (app: LoadedApp): LoadedApp => {
    apps.push(app);
    return app;
  };
  return {
    services,
    log,
    tokens,
    folder,
    notes,
    async load(text, name = 'main') {
      const file = join(folder, 'paste.ini');
      await writeFile(file, text);
      const note = (said: string): void => void notes.push(said);
      return keep(await loadApp(`config:${file}`, { name, registry: keystoneRegistry(services), note }));
    },
    keep,
    async serve(app) {
      const handler = koaHandler(app, { insecureDebug: false, publicEndpoint: null, silent: true });
      const listener = new HttpListener(handler, { keepAliveTimeout: 75, maxHeaderSize: 16_384 });
      listeners.push(listener);
      const address = await listener.listen({ kind: 'tcp', host: '127.0.0.1', port: 0 });
      return new Site((address as { port: number }).port);
    },
    async close() {
      for (const listener of listeners) await listener.drain({ idleGrace: 0, deadline: 100 });
      for (const app of apps) await app.dispose();
      await rm(folder, { recursive: true });
    },
  };
}

/** A pipeline `main` of the named filters before an application of the test's own. */
export async function serveFilters(
  bench: Bench,
  filters: readonly (string | { readonly name: string; readonly section: string })[],
  app: Middleware,
): Promise<Site> {
  const sections = filters.map((filter) =>
    typeof filter === 'string'
      ? `[filter:${filter}]\nuse = egg:keystone#${filter}\n`
      : `[filter:${filter.name}]\n${filter.section}\n`,
  );
  const names = filters.map((filter) => (typeof filter === 'string' ? filter : filter.name));
  const text = `${sections.join('')}[app:end]\nuse = egg:test#end\n[pipeline:main]\npipeline = ${names.join(' ')} end\n`;
  const registry = keystoneRegistry(bench.services);
  registry.add('test', 'end', 'app', () => () => app);
  const file = join(bench.folder, `paste-${Math.random().toString(36).slice(2)}.ini`);
  await writeFile(file, text);
  const loaded = await loadApp(`config:${file}`, { registry, note: (said) => void bench.notes.push(said) });
  return bench.serve(bench.keep(loaded));
}
