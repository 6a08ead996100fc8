import { describeError } from '../../server/output.js';
import type { Symptom } from './symptom.js';

export const databaseIsNotReachable: Symptom = {
  name: 'database_is_not_reachable',
  what: 'The database cannot be used.',
  why: 'Nothing works without it.',
  advice: 'Start it, or correct [database] connection.',
  async look({ database }) {
    try {
      await (await database()).ping();
      return [];
    } catch (error) {
      return [describeError(error)];
    }
  },
};
