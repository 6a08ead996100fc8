import { describeError } from '../../server/output.js';
import { loadPolicyStore } from '../../server/policy_store.js';
import type { Symptom } from './symptom.js';

export const policyCannotBeLoaded: Symptom = {
  name: 'policy_cannot_be_loaded',
  what: 'A policy file cannot be used.',
  why: 'The service does not start; one that runs stays with the policy before.',
  advice: 'Correct the file; keystone-manage policy check explains single rules.',
  async look({ loaded }) {
    try {
      (await loadPolicyStore(loaded, () => undefined)).close();
      return [];
    } catch (error) {
      return [describeError(error)];
    }
  },
};
