import type { Symptom } from './symptom.js';

export const domainConfigurationCannotBeUsed: Symptom = {
  name: 'domain_configuration_cannot_be_used',
  what: 'The configuration file of a domain has mistakes, or the folder of these files cannot be read.',
  why: 'The users of that domain cannot sign in: everything about them is answered with 500.',
  advice: 'Correct what the messages name, and send SIGHUP to the service.',
  look: ({ domainFiles }) => domainFiles.problems,
};
