import { checkFile, describeProblem } from '../../pipeline/index.js';
import { describeError } from '../../server/output.js';
import { findPasteFile } from '../../server/paste_file.js';
import { keystoneRegistry } from '../../server/registry.js';
import { inspectionServices } from '../../server/registry_services.js';
import type { Symptom } from './symptom.js';

export const pasteFileCannotBeLoaded: Symptom = {
  name: 'paste_file_cannot_be_loaded',
  what: 'The paste file cannot be used.',
  why: 'The service does not start; one that runs stays with the pipelines before.',
  advice: 'Correct the file; keystone-manage pipeline check lists every problem, pipeline show the result.',
  async look({ loaded, conf }) {
    try {
      const { problems } = await checkFile(findPasteFile(loaded), {
        allowedModules: conf.paste_deploy.allowed_modules,
        registry: keystoneRegistry(inspectionServices(loaded)),
      });
      return problems.filter(({ kind }) => kind !== 'bad-order').map(describeProblem);
    } catch (error) {
      return [describeError(error)];
    }
  },
};
