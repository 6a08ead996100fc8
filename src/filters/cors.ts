/**
 * Cross-origin resource sharing by the table of `[cors]` and every `[cors.NAME]`. Source: oslo.middleware's CORS, with
 * its order: the application answers first, then the headers are added.
 */
import type { ParameterizedContext } from 'koa';
import { getLogger } from '../common/log/index.js';
import type { Conf } from '../conf/index.js';
import { defineFilter, type FilterFactory, type OptionValues } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { textHeader } from './support/headers.js';
import { OSLO_OPTIONS } from './support/oslo_options.js';

const log = getLogger('keystone.middleware.cors');

const OPTIONS = {
  ...OSLO_OPTIONS,
  allowed_origin: { type: 'list', separator: ',', help: 'In place of [cors] allowed_origin.' },
  allow_credentials: { type: 'bool', help: 'In place of [cors] allow_credentials.' },
  expose_headers: { type: 'list', separator: ',', help: 'In place of [cors] expose_headers.' },
  max_age: { type: 'int', help: 'In place of [cors] max_age, in seconds.' },
  allow_methods: { type: 'list', separator: ',', help: 'In place of [cors] allow_methods.' },
  allow_headers: { type: 'list', separator: ',', help: 'In place of [cors] allow_headers.' },
} as const;

/** Headers that browsers may send without asking; matched in upper case. */
const SIMPLE_HEADERS = [
  'ACCEPT',
  'ACCEPT-LANGUAGE',
  'CONTENT-TYPE',
  'CACHE-CONTROL',
  'CONTENT-LANGUAGE',
  'EXPIRES',
  'LAST-MODIFIED',
  'PRAGMA',
];

/** What is allowed to one origin, as it goes into headers. */
interface OriginRules {
  readonly credentials: boolean;
  readonly maxAge: string | null;
  readonly methods: ReadonlySet<string>;
  readonly headers: ReadonlySet<string>;
  readonly expose: string | null;
}

type OriginTable = ReadonlyMap<string, OriginRules>;
type Settings = Conf['cors'];

export function createFilter(
  services: Pick<FilterServices, 'conf' | 'corsSections'>,
): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter({ options: OPTIONS }, (_globalConf, options) => {
    const own: Settings = { ...services.conf.cors, ...defined(options) };
    const table = originTable([own, ...services.corsSections.values()]);
    return (ctx, next) => {
      if (ctx.req.method === 'OPTIONS') return next().then(() => answerPreflight(ctx, table));
      const origin = ctx.req.headers.origin;
      if (origin === undefined || table.size === 0) return next();
      return next().then(() => decorate(ctx, origin, table));
    };
  });
}

/** The options that the section sets. */
function defined(options: Readonly<Record<string, unknown>>): Partial<Settings> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function originTable(sections: readonly Settings[]): OriginTable {
  const table = new Map<string, OriginRules>();
  for (const section of sections) {
    const rules: OriginRules = {
      credentials: section.allow_credentials,
      maxAge: section.max_age === 0 ? null : String(section.max_age),
      methods: new Set(section.allow_methods),
      headers: new Set([...SIMPLE_HEADERS, ...section.allow_headers.map((name) => name.toUpperCase())]),
      expose: section.expose_headers.length === 0 ? null : section.expose_headers.join(','),
    };
    for (const origin of section.allowed_origin ?? []) {
      if (table.has(origin))
        log.warn(`[cors] allowed_origin: ${origin} is named twice; the first one counts`);
      else table.set(origin, rules);
    }
  }
  return table;
}

/** The origin to answer with and its rules: exactly that origin's, else those of `*`. */
function find(table: OriginTable, origin: string): readonly [string, OriginRules] | null {
  const exact = table.get(origin);
  if (exact !== undefined) return [origin, exact];
  const any = table.get('*');
  return any === undefined ? null : ['*', any];
}

function decorate(ctx: ParameterizedContext, origin: string, table: OriginTable): void {
  const { res } = ctx;
  if (res.headersSent || res.hasHeader('Access-Control-Allow-Origin')) return;
  const found = find(table, origin);
  if (found === null) return;
  const [allowed, rules] = found;
  const vary = res.getHeader('Vary');
  res.setHeader('Vary', vary === undefined ? 'Origin' : `${String(vary)},Origin`);
  res.setHeader('Access-Control-Allow-Origin', allowed);
  if (rules.credentials) res.setHeader('Access-Control-Allow-Credentials', 'true');
  if (rules.expose !== null) res.setHeader('Access-Control-Expose-Headers', rules.expose);
}

/** An application need not know OPTIONS: whatever it answers but success becomes an empty 200. */
function answerPreflight(ctx: ParameterizedContext, table: OriginTable): void {
  const { res } = ctx;
  if (res.headersSent || res.hasHeader('Access-Control-Allow-Origin')) return;
  if (ctx.status < 200 || ctx.status >= 300) {
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    ctx.body = null;
    ctx.status = 200;
  }
  const { headers } = ctx.req;
  const method = textHeader(headers, 'access-control-request-method');
  if (headers.origin === undefined || method === null) return;
  const found = find(table, headers.origin);
  if (found === null) return;
  const [allowed, rules] = found;
  const wanted = namesIn(textHeader(headers, 'access-control-request-headers'));
  if (!rules.methods.has(method) || !wanted.every((name) => rules.headers.has(name.toUpperCase()))) {
    log.debug(`CORS preflight of ${headers.origin} not allowed: ${method}, headers ${wanted.join(', ')}`);
    return;
  }
  res.setHeader('Vary', 'Origin');
  res.setHeader('Access-Control-Allow-Origin', allowed);
  if (rules.credentials) res.setHeader('Access-Control-Allow-Credentials', 'true');
  if (rules.maxAge !== null) res.setHeader('Access-Control-Max-Age', rules.maxAge);
  res.setHeader('Access-Control-Allow-Methods', method);
  if (wanted.length > 0) res.setHeader('Access-Control-Allow-Headers', wanted.join(','));
}

function namesIn(list: string | null): string[] {
  if (list === null) return [];
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
