/** The answer of the health check: as text, HTML or JSON, 200 when everything is available and 503 when not. */
import { existsSync } from 'node:fs';
import type { ParameterizedContext } from 'koa';
import { bestMatch } from '../../common/http/accept.js';
import type { Conf } from '../../conf/index.js';
import type { FilterServices, HealthResult } from '../services.js';

export const HEALTH_OPTIONS = {
  path: { type: 'str', help: 'Whole path that is answered; by default [healthcheck] path.' },
  liveness_path: {
    type: 'str',
    help: 'Whole path that tells only whether the process works; by default the path and /live.',
  },
  detailed: { type: 'bool', help: 'In place of [healthcheck] detailed.' },
  backends: { type: 'list', separator: ',', help: 'In place of [healthcheck] backends.' },
  disable_by_file_path: { type: 'str', help: 'In place of [healthcheck] disable_by_file_path.' },
  disable_by_file_paths: {
    type: 'list',
    separator: ',',
    help: 'PORT:FILE, in place of [healthcheck] disable_by_file_paths.',
  },
} as const;

export type HealthSettings = Conf['healthcheck'];
type Backend = (ctx: ParameterizedContext) => HealthResult;
export type AnswerHealth = (ctx: ParameterizedContext, results: readonly HealthResult[]) => void;

/** The settings of a section over those of the configuration. */
export function healthSettings(conf: Conf, options: Readonly<Record<string, unknown>>): HealthSettings {
  const own = Object.entries(options).filter(
    ([name, value]) => value !== undefined && name in conf.healthcheck,
  );
  return { ...conf.healthcheck, ...Object.fromEntries(own) };
}

/** @throws Error naming a backend that does not exist, or a PORT:FILE that is none */
export function healthBackends(settings: HealthSettings): readonly Backend[] {
  return settings.backends.map((name) => {
    if (name === 'disable_by_file') return fileBackend(() => settings.disable_by_file_path);
    if (name === 'disable_by_files_ports') {
      const files = filesByPort(settings.disable_by_file_paths);
      return fileBackend((ctx) => files.get(ctx.req.socket.localPort ?? 0) ?? null);
    }
    throw new Error(
      `[healthcheck] backends: there is no '${name}'; valid names are: disable_by_file, disable_by_files_ports`,
    );
  });
}

/** A file whose presence takes the service out of rotation. */
function fileBackend(fileOf: (ctx: ParameterizedContext) => string | null): Backend {
  return (ctx) => {
    const file = fileOf(ctx);
    const disabled = file !== null && file !== '' && existsSync(file);
    return { name: 'disable_by_file', available: !disabled, reason: disabled ? 'DISABLED BY FILE' : 'OK' };
  };
}

function filesByPort(entries: readonly string[]): ReadonlyMap<number, string> {
  return new Map(
    entries.map((entry) => {
      const found = /^(\d+):(.+)$/.exec(entry);
      if (found === null)
        throw new Error(`[healthcheck] disable_by_file_paths: '${entry}' is not of the form PORT:FILE`);
      return [Number(found[1]), found[2] ?? ''];
    }),
  );
}

/** @param status what the JSON document says besides the results */
export function healthAnswer(detailed: boolean, status: FilterServices['health']['status']): AnswerHealth {
  return (ctx, results) => {
    const healthy = results.every((result) => result.available);
    ctx.res.setHeader('Cache-Control', 'no-store');
    if (ctx.method === 'HEAD') {
      ctx.status = healthy ? 204 : 503;
      return;
    }
    ctx.status = healthy ? 200 : 503;
    switch (bestMatch(ctx.req.headers.accept, ['text/plain', 'text/html', 'application/json'])) {
      case 'application/json':
        ctx.body = JSON.stringify({
          detailed,
          reasons: results.map((result) => shown(result, detailed)),
          ...status(),
        });
        ctx.res.setHeader('Content-Type', 'application/json');
        break;
      case 'text/html':
        ctx.body = html(results, healthy);
        ctx.res.setHeader('Content-Type', 'text/html; charset=UTF-8');
        break;
      default:
        ctx.body = results.map((result) => result.reason).join('\n');
        ctx.res.setHeader('Content-Type', 'text/plain; charset=UTF-8');
    }
  };
}

function shown({ name, available, reason, details }: HealthResult, detailed: boolean): object {
  return { class: name, available, reason, ...(detailed && { details: details ?? '' }) };
}

function html(results: readonly HealthResult[], healthy: boolean): string {
  const rows = results.map(
    ({ name, reason }) => `<tr><td>${escaped(name)}</td><td>${escaped(reason)}</td></tr>`,
  );
  const title = healthy ? 'Healthy' : 'Unhealthy';
  return `<!DOCTYPE html>\n<title>${title}</title>\n<h1>${title}</h1>\n<table>\n${rows.join('\n')}\n</table>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
