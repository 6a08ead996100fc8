import { foundIf, type Symptom } from './symptom.js';

export const debugInProduction: Symptom = {
  name: 'debug_in_production',
  what: 'Debug lines are logged on a database that looks like production.',
  why: 'They hold details of requests, cost time, and fill disks.',
  advice: 'Set [DEFAULT] debug = false.',
  look: ({ conf: { DEFAULT, database } }) =>
    foundIf(DEFAULT.debug && !/sqlite/i.test(database.connection ?? 'sqlite'), '[DEFAULT] debug is true'),
};
