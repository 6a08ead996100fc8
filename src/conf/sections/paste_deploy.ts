import type { SectionDeclaration } from '../../common/config/declaration.js';

export const pasteDeploy = {
  help: '',
  options: {
    allowed_modules: {
      type: 'list',
      default: [],
      help: '',
    },
    config_file: {
      type: 'str',
      default: 'keystone-paste.ini',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
