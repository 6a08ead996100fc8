/** The pipelines of a process: built and probed before they serve, and replaced together when the paste file changes. */
import { requestContext } from '../common/context.js';
import { getLogger, runInRequest } from '../common/log/index.js';
import type { LoadedConf } from '../conf/index.js';
import { configUri, loadReloadable, type ReloadableApp, type ReloadEvent } from '../pipeline/index.js';
import type { PipelineStatus } from './health.js';
import { type KoaAppOptions, koaHandler } from './koa_app.js';
import { findPasteFile } from './paste_file.js';
import { probe } from './probe.js';
import { keystoneRegistry, type RegistryServices } from './registry.js';

const log = getLogger('keystone.server.pipeline');

function say(file: string, event: ReloadEvent): void {
  switch (event.kind) {
    case 'loaded':
      log.info(`${file}: generation ${event.generation} of the pipelines is in force`);
      break;
    case 'refused':
      log.error(
        `${file} was refused, generation ${event.generation} stays in force: ${event.refusal.reason}`,
      );
      break;
    case 'dispose-failed':
      log.warn(`Generation ${event.generation} of the pipelines could not be let go of: ${event.reason}`);
      break;
  }
}

export function koaOptions({ conf }: LoadedConf): KoaAppOptions {
  const { insecure_debug: insecureDebug, public_endpoint: publicEndpoint } = conf.DEFAULT;
  return { insecureDebug, publicEndpoint };
}

/** What may change between two loads. */
export interface PipelineSettings {
  /** `[keystone_koa] server_timing` */
  readonly serverTiming: () => boolean;
}

/**
 * Build the named pipelines and ask each of them a question.
 *
 * @throws PipelineError naming file, line and section; ProbeError
 */
export function loadPipelines(
  loaded: LoadedConf,
  names: readonly string[],
  services: RegistryServices,
  settings: PipelineSettings,
): Promise<ReloadableApp> {
  const file = findPasteFile(loaded);
  return loadReloadable(configUri(file), {
    allowedModules: loaded.conf.paste_deploy.allowed_modules,
    timing: settings.serverTiming,
    names,
    registry: () => keystoneRegistry(services),
    // Code of others waits as it likes, and its lines in the log are the request's all the same.
    surround: (middleware) => (ctx, next) =>
      runInRequest(requestContext(ctx), async () => middleware(ctx, next)),
    note: (text) => log.warn(text),
    log: (event) => say(file, event),
    probe: async (app, name) => {
      await probe(name, koaHandler(app, { ...koaOptions(loaded), silent: true }));
    },
  });
}

/** What the health document says of the pipelines, which are always of one generation. */
export function pipelineStatus(
  pipelines: ReloadableApp,
  names: readonly string[],
): readonly PipelineStatus[] {
  const { generation, loadedAt, lastRefused } = pipelines.status();
  const refused =
    lastRefused === undefined ? null : { at: lastRefused.at.toISOString(), reason: lastRefused.reason };
  return names.map((name) => ({ name, generation, loadedAt: loadedAt.toISOString(), refused }));
}
