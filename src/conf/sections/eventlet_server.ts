import type { SectionDeclaration } from '../../common/config/declaration.js';

export const eventletServer = {
  help: '',
  options: {
    admin_bind_host: {
      type: 'str',
      default: '0.0.0.0',
      formerNames: [{ group: 'DEFAULT', name: 'bind_host' }, { group: 'DEFAULT' }],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    admin_port: {
      type: 'port',
      default: 35357,
      formerNames: [{ group: 'DEFAULT' }],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    public_bind_host: {
      type: 'str',
      default: '0.0.0.0',
      formerNames: [{ group: 'DEFAULT', name: 'bind_host' }, { group: 'DEFAULT' }],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    public_port: {
      type: 'port',
      default: 5000,
      formerNames: [{ group: 'DEFAULT' }],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
