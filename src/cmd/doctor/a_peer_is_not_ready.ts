import { describeError } from '../../server/output.js';
import type { Symptom } from './symptom.js';

export const aPeerIsNotReady: Symptom = {
  name: 'a_peer_is_not_ready',
  what: 'Another node does not answer, or cannot serve.',
  why: 'The load falls on the others.',
  advice: 'Look at its log; the filter healthcheck must be in its pipeline, and detailed tells more.',
  async look({ peers, healthOf }) {
    const findings: string[] = [];
    for (const peer of peers) {
      try {
        await healthOf(peer);
      } catch (error) {
        findings.push(`${peer}: ${describeError(error)}`);
      }
    }
    return findings;
  },
};
