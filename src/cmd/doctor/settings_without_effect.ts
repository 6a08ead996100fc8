import type { Symptom } from './symptom.js';

export const settingsWithoutEffect: Symptom = {
  name: 'settings_without_effect',
  what: 'Some of what is configured has no effect.',
  why: 'Whoever set it expects something that does not happen.',
  advice: 'Take it out of the configuration, or correct its name.',
  look: ({ loaded }) => loaded.ignored,
};
