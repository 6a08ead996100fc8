import type { SectionDeclaration } from '../../common/config/declaration.js';

export const totp = {
  help: '',
  options: {
    included_previous_windows: {
      type: 'int',
      default: 1,
      min: 0,
      max: 10,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
