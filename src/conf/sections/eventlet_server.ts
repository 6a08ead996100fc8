import type { SectionDeclaration } from '../../common/config/declaration.js';

export const eventletServer = {
  help:
    'Addresses of the former built-in server. They are only replaced in catalog URLs; where the ' +
    'service listens is said on the command line of keystone-serve.',
  options: {
    admin_bind_host: {
      type: 'str',
      default: '0.0.0.0',
      formerNames: [{ group: 'DEFAULT', name: 'bind_host' }, { group: 'DEFAULT' }],
      deprecatedForRemoval: 'it belongs to a server that is no more',
      help: 'Stands for $(admin_bind_host)s in catalog URLs.',
    },
    admin_port: {
      type: 'port',
      default: 35357,
      formerNames: [{ group: 'DEFAULT' }],
      deprecatedForRemoval: 'it belongs to a server that is no more',
      help: 'Stands for $(admin_port)s in catalog URLs.',
    },
    public_bind_host: {
      type: 'str',
      default: '0.0.0.0',
      formerNames: [{ group: 'DEFAULT', name: 'bind_host' }, { group: 'DEFAULT' }],
      deprecatedForRemoval: 'it belongs to a server that is no more',
      help: 'Stands for $(public_bind_host)s in catalog URLs.',
    },
    public_port: {
      type: 'port',
      default: 5000,
      formerNames: [{ group: 'DEFAULT' }],
      deprecatedForRemoval: 'it belongs to a server that is no more',
      help: 'Stands for $(public_port)s in catalog URLs.',
    },
  },
} as const satisfies SectionDeclaration;
