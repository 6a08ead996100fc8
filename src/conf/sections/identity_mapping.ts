import type { SectionDeclaration } from '../../common/config/declaration.js';

export const identityMapping = {
  help: '',
  options: {
    backward_compatible_ids: {
      type: 'bool',
      default: true,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    generator: {
      type: 'str',
      default: 'sha256',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
