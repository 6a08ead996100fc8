import type { SectionDeclaration } from '../../common/config/declaration.js';

export const healthcheck = {
  help: '',
  options: {
    backends: {
      type: 'list',
      default: [],
      help: '',
    },
    detailed: {
      type: 'bool',
      default: false,
      help: '',
    },
    disable_by_file_path: {
      type: 'str',
      default: null,
      help: '',
    },
    disable_by_file_paths: {
      type: 'list',
      default: [],
      help: '',
    },
    path: {
      type: 'str',
      default: '/healthcheck',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
