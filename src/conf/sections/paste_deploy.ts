import type { SectionDeclaration } from '../../common/config/declaration.js';

export const pasteDeploy = {
  help: 'The pipelines.',
  options: {
    allowed_modules: {
      type: 'list',
      default: ['.', '@paste'],
      help:
        "Where modules that the paste file names may come from: folders, npm packages, '.' for the paste file's own " +
        "folder, and '@paste' for every installed package that declares a paste map in its package.json. " +
        'Built-in filters and applications can always be used.',
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
