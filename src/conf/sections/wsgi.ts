import type { SectionDeclaration } from '../../common/config/declaration.js';

export const wsgi = {
  help: 'The stack of later Python services.',
  options: {
    debug_middleware: {
      type: 'bool',
      default: false,
      inert: 'put the debug filter into a pipeline',
      help: 'Print requests and responses.',
    },
  },
} as const satisfies SectionDeclaration;
