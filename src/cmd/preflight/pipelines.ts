/** Whether the paste file can be loaded, and what in it does nothing any more. */
import type { LoadedConf } from '../../conf/index.js';
import { checkFile, describeProblem, PipelineError } from '../../pipeline/index.js';
import { findPasteFile } from '../../server/paste_file.js';
import { keystoneRegistry } from '../../server/registry.js';
import { inspectionServices } from '../../server/registry_services.js';
import { type Finding, ignored, problem, used } from './finding.js';

export async function inspectPipelines(loaded: LoadedConf): Promise<readonly Finding[]> {
  let file: string;
  try {
    file = findPasteFile(loaded);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return error.problems.map((each) => problem(describeProblem(each)));
  }
  const { problems, warnings, sections } = await checkFile(file, {
    allowedModules: loaded.conf.paste_deploy.allowed_modules,
    registry: keystoneRegistry(inspectionServices(loaded)),
  });
  return [
    used(`file ${file}, ${sections.length} sections`),
    ...warnings.map(ignored),
    // By itself no filter has what those before it in a pipeline provide.
    ...problems.filter(({ kind }) => kind !== 'bad-order').map((each) => problem(describeProblem(each))),
  ];
}
