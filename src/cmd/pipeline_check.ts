import { resolve } from 'node:path';
import {
  checkFile,
  configUri,
  describeProblem,
  explainApp,
  type LoadOptions,
  PipelineError,
  type Problem,
} from '../pipeline/index.js';
import { findPasteFile } from '../server/paste_file.js';
import { keystoneRegistry } from '../server/registry.js';
import { inspectionServices } from '../server/registry_services.js';
import { EXIT, type ManageCommand } from './command.js';

interface PipelineCheckOptions {
  readonly paste?: string;
}

type CheckOptions = Pick<LoadOptions, 'allowedModules' | 'registry'>;

/** Sections whose filters stand in an order. */
const ORDERED = /^(?:pipeline|composite|composit|filter-app):/;

/**
 * What is wrong with the order of filters. A filter or an app by itself lacks whatever the filters before it provide,
 * which means nothing.
 */
async function orderProblems(
  file: string,
  sections: readonly string[],
  options: CheckOptions,
): Promise<readonly Problem[]> {
  const found = new Map<string, Problem>();
  for (const section of sections.filter((name) => ORDERED.test(name))) {
    try {
      await explainApp(configUri(file), { ...options, name: section.replace(ORDERED, '').trim() });
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      for (const problem of error.problems) found.set(describeProblem(problem), problem);
    }
  }
  return [...found.values()];
}

export const pipelineCheck: ManageCommand = {
  group: 'pipeline',
  name: 'check',
  summary: 'say what is wrong with a paste file',
  details:
    'Read the paste file ([paste_deploy] config_file) and check every section of it: names, modules, options and the' +
    ' order of filters. Everything that is wrong is listed with file and line. Nothing is built and nothing is changed;' +
    ' the exit status is 1 when a start or a reload would be refused.',
  examples: [
    ['pipeline check', 'before a reload: the file that the configuration names'],
    ['pipeline check --paste ./keystone-paste.ini', 'another file'],
  ],
  configure(command, run) {
    command
      .option('--paste <file>', 'paste file to check in place of the configured one')
      .action((options: PipelineCheckOptions) =>
        run(async ({ loadConf, output }) => {
          const loaded = loadConf();
          const file = options.paste === undefined ? findPasteFile(loaded) : resolve(options.paste);
          const check: CheckOptions = {
            allowedModules: loaded.conf.paste_deploy.allowed_modules,
            registry: keystoneRegistry(inspectionServices(loaded)),
          };
          const { problems: found, warnings, sections } = await checkFile(file, check);
          const parts = found.filter(({ kind }) => kind !== 'bad-order');
          const problems = parts.length > 0 ? parts : await orderProblems(file, sections, check);
          for (const warning of warnings) output.note(`warning: ${warning}`);
          for (const problem of problems) output.note(`error: ${describeProblem(problem)}`);
          if (problems.length > 0) return EXIT.failure;
          output.line(`${file}: ${sections.length} sections are in order`);
          return EXIT.success;
        }),
      );
  },
};
