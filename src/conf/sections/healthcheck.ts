import type { SectionDeclaration } from '../../common/config/declaration.js';

export const healthcheck = {
  help: 'The health document. Options in the paste file go first.',
  options: {
    backends: {
      type: 'list',
      default: [],
      help: 'Further checks that the health document includes.',
    },
    detailed: {
      type: 'bool',
      default: false,
      help:
        'Tell in the health document about the parts of the service. It may say more than outsiders ' +
        'should know.',
    },
    disable_by_file_path: {
      type: 'str',
      default: null,
      help:
        'While this file exists the service says that it is not available, so that a load balancer takes ' +
        'it out.',
    },
    disable_by_file_paths: {
      type: 'list',
      default: [],
      help: 'The same by port, as PORT:FILE.',
    },
    path: {
      type: 'str',
      default: '/healthcheck',
      help: 'Path of the health document when healthcheck is a filter.',
    },
  },
} as const satisfies SectionDeclaration;
