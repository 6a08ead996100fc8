import type { SectionDeclaration } from '../../common/config/declaration.js';

export const wsgi = {
  help: '',
  options: {
    debug_middleware: {
      type: 'bool',
      default: false,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
