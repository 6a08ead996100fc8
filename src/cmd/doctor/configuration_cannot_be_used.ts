import { describeError } from '../../server/output.js';
import { checkServiceLog } from '../../server/service_log.js';
import type { Symptom } from './symptom.js';

export const configurationCannotBeUsed: Symptom = {
  name: 'configuration_cannot_be_used',
  what: 'The configuration has mistakes.',
  why: 'The service does not start; one that runs stays with the configuration before.',
  advice: 'Correct what the messages name.',
  look: ({ loaded }) => {
    try {
      checkServiceLog(loaded);
      return [];
    } catch (error) {
      return [describeError(error)];
    }
  },
  inProblems: (problems) => problems.map(({ message }) => message),
};
