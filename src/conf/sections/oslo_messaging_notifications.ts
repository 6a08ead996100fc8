import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloMessagingNotifications = {
  help: '',
  options: {
    driver: {
      type: 'multi',
      default: [],
      formerNames: [{ group: 'DEFAULT', name: 'notification_driver' }],
      help: '',
    },
    retry: {
      type: 'int',
      default: -1,
      help: '',
    },
    topics: {
      type: 'list',
      default: ['notifications'],
      formerNames: [{ group: 'rpc_notifier2' }, { group: 'DEFAULT', name: 'notification_topics' }],
      help: '',
    },
    transport_url: {
      type: 'str',
      default: null,
      formerNames: [{ group: 'DEFAULT', name: 'notification_transport_url' }],
      secret: true,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
