import type { SectionDeclaration } from '../../common/config/declaration.js';

export const totp = {
  help: 'Time-based one-time passcodes.',
  options: {
    included_previous_windows: {
      type: 'int',
      default: 0,
      min: 0,
      max: 10,
      help:
        'Intervals of 30 seconds before the present one whose passcodes are accepted as well, for clocks ' +
        'that differ. Newton accepts none, later releases one by default.',
    },
  },
} as const satisfies SectionDeclaration;
