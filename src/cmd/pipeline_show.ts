import { resolve } from 'node:path';
import { Option } from 'commander';
import {
  type Branch,
  configUri,
  explainApp,
  explainFile,
  renderJson,
  renderMermaid,
  renderRoute,
  renderText,
  routeOf,
} from '../pipeline/index.js';
import { findPasteFile } from '../server/paste_file.js';
import { keystoneRegistry } from '../server/registry.js';
import { inspectionServices } from '../server/registry_services.js';
import type { ManageCommand } from './command.js';

const RENDERERS = {
  text: (branches: readonly Branch[]) => renderText(branches, { folder: process.cwd() }),
  json: renderJson,
  mermaid: renderMermaid,
} as const;

interface PipelineShowOptions {
  readonly paste?: string;
  readonly format: keyof typeof RENDERERS;
  readonly path?: string;
  readonly host?: string;
}

function ways(branches: readonly Branch[], path: string, host: string | undefined): string {
  return branches.map((branch) => renderRoute(routeOf(branch, { path, host }))).join('\n');
}

export const pipelineShow: ManageCommand = {
  group: 'pipeline',
  name: 'show',
  summary: 'show the pipelines that a paste file describes',
  details:
    'Show what would be built: the filters of each endpoint in the order in which a request passes them, the module' +
    ' behind each name, and file and line of every value. Without a name, everything that can be served is shown. With' +
    ' --path, the way of one request is shown instead. Nothing is built and nothing is changed.',
  examples: [
    ['pipeline show', 'all endpoints of the configured paste file'],
    ['pipeline show main --format mermaid', 'one of them, as a chart for a document'],
    ['pipeline show main --path /v3/users', 'the branch that a request takes'],
  ],
  configure(command, run) {
    command
      .argument('[name]', 'composite, pipeline or app')
      .option('--paste <file>', 'paste file to show in place of the configured one')
      .addOption(
        new Option('--format <format>', 'how to show it').choices(Object.keys(RENDERERS)).default('text'),
      )
      .option('--path <path>', 'show the way of a request for this path')
      .option('--host <host>', 'Host header of that request')
      .action((name: string | undefined, options: PipelineShowOptions) =>
        run(async ({ loadConf, output }) => {
          const loaded = loadConf();
          const file = options.paste === undefined ? findPasteFile(loaded) : resolve(options.paste);
          const registry = keystoneRegistry(inspectionServices(loaded));
          const load = { allowedModules: loaded.conf.paste_deploy.allowed_modules, registry };
          const branches =
            name === undefined
              ? await explainFile(file, load)
              : [await explainApp(configUri(file), { ...load, name })];
          const { path, host, format } = options;
          const text = path === undefined ? RENDERERS[format](branches) : ways(branches, path, host);
          output.line(text.trimEnd());
        }),
      );
  },
};
