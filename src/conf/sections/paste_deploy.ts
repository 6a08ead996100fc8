import type { SectionDeclaration } from '../../common/config/declaration.js';

export const pasteDeploy = {
  help: 'The pipelines.',
  options: {
    allowed_modules: {
      type: 'list',
      default: [],
      help:
        'Folders and npm packages whose modules the paste file may load, beyond built-in filters, modules ' +
        "beneath the paste file's own folder and installed packages that declare a paste map.",
    },
    config_file: {
      type: 'str',
      default: 'keystone-paste.ini',
      help:
        'The file that describes the pipelines. A relative path is looked for beside the configuration ' +
        'files.',
    },
  },
} as const satisfies SectionDeclaration;
