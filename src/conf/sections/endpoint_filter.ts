import type { SectionDeclaration } from '../../common/config/declaration.js';

export const endpointFilter = {
  help: '',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    return_all_endpoints_if_no_filter: {
      type: 'bool',
      default: true,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
