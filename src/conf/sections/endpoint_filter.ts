import type { SectionDeclaration } from '../../common/config/declaration.js';

export const endpointFilter = {
  help: 'Endpoints of single projects.',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of the associations of endpoints with projects.',
    },
    return_all_endpoints_if_no_filter: {
      type: 'bool',
      default: true,
      help: 'Give a project without any associated endpoint the whole catalog. False: it gets an empty one.',
    },
  },
} as const satisfies SectionDeclaration;
