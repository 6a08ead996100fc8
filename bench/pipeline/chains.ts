/** The filters of the stock v3 pipeline in front of an app that does nothing, composed by the loader and by hand. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import { loadConf } from '../../src/conf/index.js';
import {
  configUri,
  createRegistry,
  type LoadedApp,
  loadApp,
  type Registry,
} from '../../src/pipeline/index.js';
import { readOptions } from '../../src/pipeline/options.js';
import type { FactoryMeta } from '../../src/pipeline/types.js';
import { keystoneRegistry } from '../../src/server/registry.js';
import { inspectionServices } from '../../src/server/registry_services.js';

export interface Chains {
  readonly filters: readonly string[];
  readonly loaded: LoadedApp;
  readonly byHand: Middleware;
}

const answer: Middleware = (ctx) => {
  ctx.status = 204;
};

type Factory = ((globalConf: object, localConf: object) => Middleware | Promise<Middleware>) & {
  meta?: FactoryMeta;
};

/** The filter as a programmer would make it who knows its factory: no ini file, no loader. */
async function made(registry: Registry, name: string): Promise<Middleware> {
  for (const distribution of registry.distributions()) {
    const entry = registry.entries(distribution, name).get('paste.filter_factory');
    if (entry === undefined) continue;
    const factory = (await entry.load()) as Factory;
    return factory({}, readOptions(factory.meta?.options ?? {}, new Map()).values);
  }
  throw new Error(`there is no filter ${name}`);
}

/** Build both, of filters of their own. */
export async function stockChains(): Promise<Chains> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-pipeline-'));
  try {
    await writeFile(join(folder, 'keystone.conf'), '[DEFAULT]\nadmin_token = none\n');
    const conf = loadConf({ configFiles: [join(folder, 'keystone.conf')], env: { HOME: folder } });
    const fresh = (): Registry => {
      const registry = keystoneRegistry(inspectionServices(conf));
      registry.add('bench', 'answer', 'app', () => () => answer);
      return registry;
    };
    const stock = await readFile(join(import.meta.dirname, '../../test/fixtures/paste/newton.ini'), 'utf8');
    const ini = stock.replaceAll('egg:keystone#service_v3', 'egg:bench#answer');
    await writeFile(join(folder, 'paste.ini'), ini);
    const loaded = await loadApp(configUri(join(folder, 'paste.ini'), 'api_v3'), { registry: fresh() });

    const filters = (/\[pipeline:api_v3\][^[]*?pipeline = (.*)/.exec(stock)?.[1] ?? '')
      .split(' ')
      .slice(0, -1);
    const registry = fresh();
    const middleware: Middleware[] = [];
    for (const name of filters) middleware.push(await made(registry, name));
    return { filters, loaded, byHand: compose<Context>([...middleware, answer]) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A pipeline of so many filters that do nothing. */
export async function passThrough(count: number): Promise<LoadedApp> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-pipeline-'));
  try {
    const registry = createRegistry();
    registry.add('bench', 'pass', 'filter', () => (): Middleware => (_ctx, next) => next());
    registry.add('bench', 'answer', 'app', () => () => answer);
    const items = [...Array.from({ length: count }, () => 'egg:bench#pass'), 'egg:bench#answer'].join(' ');
    await writeFile(join(folder, 'paste.ini'), `[pipeline:main]\npipeline = ${items}\n`);
    return await loadApp(configUri(join(folder, 'paste.ini')), { registry });
  } finally {
    await rm(folder, { recursive: true });
  }
}
