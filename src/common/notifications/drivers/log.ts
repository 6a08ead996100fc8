/** Driver `log`: each notification as one line, by the logger `oslo.messaging.notification.<event type>`. */
import { getLogger, type Logger } from '../../log/index.js';
import type { NotificationDriver } from '../types.js';
import { notificationMessage } from './message.js';

export function createLogDriver(publisherId: string): NotificationDriver {
  /** There are some fifty event types. */
  const loggers = new Map<string, Logger>();
  return {
    send(eventType, payload) {
      let logger = loggers.get(eventType);
      if (logger === undefined) {
        logger = getLogger(`oslo.messaging.notification.${eventType}`);
        loggers.set(eventType, logger);
      }
      logger.info(JSON.stringify(notificationMessage(publisherId, eventType, payload)));
    },
    close: () => Promise.resolve(),
  };
}
