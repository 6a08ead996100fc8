import type { SectionDeclaration } from '../../common/config/declaration.js';

export const catalog = {
  help: 'The service catalog.',
  options: {
    cache_time: {
      type: 'int',
      default: null,
      help: 'Seconds that the catalog stays in the cache. Unset: [cache] expiration_time.',
    },
    caching: {
      type: 'bool',
      default: true,
      help: 'Cache the catalog, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help:
        'Backend of the catalog: sql, templated (the file of template_file, read-only) or ' +
        'endpoint_filter.sql (an own catalog for each project).',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: 'How many services or endpoints a list holds at most. Unset: [DEFAULT] list_limit.',
    },
    template_file: {
      type: 'str',
      default: 'default_catalog.templates',
      help: 'File of the templated catalog. A relative path is looked for beside the configuration files.',
    },
  },
} as const satisfies SectionDeclaration;
