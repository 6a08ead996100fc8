/**
 * Trace points of requests that carry a trace signed with one of `[profiler] hmac_keys`. Passes everything on, and does
 * nothing at all unless `[profiler] enabled` is on. Source: osprofiler's WsgiMiddleware.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { scriptName } from '../common/context.js';
import { equalText } from '../common/crypto/constant_time.js';
import { isRecord } from '../common/record.js';
import { defineFilter, type FilterFactory, type OptionValues, passOn } from '../pipeline/index.js';
import type { FilterServices } from './services.js';
import { textHeader } from './support/headers.js';

/** [profiler] decides; the same names in a section of the paste file are of older releases. */
const OPTIONS = {
  enabled: { type: 'bool', help: 'Accepted; [profiler] enabled decides.' },
  hmac_keys: { type: 'str', secret: true, help: 'Accepted; [profiler] hmac_keys are the keys.' },
} as const;

interface Trace {
  readonly baseId: string;
  readonly parentId: string;
}

export function createFilter({
  conf,
  trace,
}: Pick<FilterServices, 'conf' | 'trace'>): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter({ options: OPTIONS }, () => {
    if (!conf.profiler.enabled) return passOn;
    const keys = conf.profiler.hmac_keys
      .split(',')
      .map((key) => key.trim())
      .filter((key) => key !== '');
    return (ctx, next) => {
      const found = traceOf(ctx.req.headers, keys);
      if (found === null) return next();
      const point = { base_id: found.baseId, parent_id: found.parentId, trace_id: randomUUID() };
      const request = {
        path: scriptName(ctx) + ctx.path,
        query: ctx.querystring,
        method: ctx.method,
        scheme: ctx.protocol,
      };
      trace({ ...point, name: 'wsgi-start', timestamp: now(), info: { request } });
      return next().finally(() => trace({ ...point, name: 'wsgi-stop', timestamp: now(), info: {} }));
    };
  });
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC */
function now(): string {
  return new Date().toISOString().replace('Z', '000');
}

/** X-Trace-Info is base64url of JSON, X-Trace-HMAC the hexadecimal HMAC-SHA1 of that text. */
function traceOf(headers: IncomingHttpHeaders, keys: readonly string[]): Trace | null {
  const info = textHeader(headers, 'x-trace-info');
  const signature = textHeader(headers, 'x-trace-hmac');
  if (info === null || signature === null) return null;
  const signed = keys.some((key) => equalText(signature, createHmac('sha1', key).update(info).digest('hex')));
  return signed ? parseTrace(info) : null;
}

/** @returns null unless it is an object of `base_id` and perhaps `parent_id`, and nothing else */
function parseTrace(info: string): Trace | null {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(info, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!isRecord(content)) return null;
  const { base_id: baseId, parent_id: parentId = baseId, hmac_key: _key, ...others } = content;
  if (typeof baseId !== 'string' || typeof parentId !== 'string' || Object.keys(others).length > 0)
    return null;
  return { baseId, parentId };
}
