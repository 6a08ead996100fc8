import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloMessagingNotifications = {
  help: 'Notifications.',
  options: {
    driver: {
      type: 'multi',
      default: [],
      formerNames: [{ group: 'DEFAULT', name: 'notification_driver' }],
      help:
        'How notifications leave the service: messagingv2 or messaging (by the message bus), log (as log ' +
        'lines), noop (not at all). Repeat the option for more than one way. Unset: noop.',
    },
    retry: {
      type: 'int',
      default: -1,
      help: 'How often a notification that could not be delivered is sent again: -1 without end, 0 never.',
    },
    topics: {
      type: 'list',
      default: ['notifications'],
      formerNames: [{ group: 'rpc_notifier2' }, { group: 'DEFAULT', name: 'notification_topics' }],
      help: 'Topics that each notification is sent to.',
    },
    transport_url: {
      type: 'str',
      default: null,
      formerNames: [{ group: 'DEFAULT', name: 'notification_transport_url' }],
      secret: true,
      help: 'Message bus for notifications. Unset: [DEFAULT] transport_url.',
    },
  },
} as const satisfies SectionDeclaration;
